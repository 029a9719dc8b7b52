"""Private namespaces, as the site has them, for a few lines of Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from lab.errors import LabError
from lab.first_sync.namespace import unshare_command
from tests.engine.site import ROOT

Inside = Callable[..., str]


@pytest.fixture
def inside() -> Inside:
    """Run Python text with arguments in private namespaces, as their first process; return what it prints."""
    try:
        command = unshare_command()
    except LabError as error:
        pytest.skip(str(error))

    def run(text: str, *arguments: object) -> str:
        done = subprocess.run(
            [*command, sys.executable, "-c", text, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
