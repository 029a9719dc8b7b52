"""The hosts.toml that `make nodes` prints, read by real containerd where no name resolves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.nodes.section import FOLDER
from components.settings import Settings
from lab.errors import LabError
from lab.first_sync.namespace import unshare_command
from tests.site import settings
from tests.tools.containerd.inside import ADDRESS, PORT
from tests.tools.containerd.registry import IMAGE, TAG
from tools.nodes import lines_for

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not shutil.which("containerd"),
        reason="NOT SHOWN: that containerd reads what `make nodes` prints; apt-get install containerd",
    ),
]
ROOT = Path(__file__).parents[3]
REGISTRY = "registry.protobox"


def site() -> Settings:
    return settings(nodes={"registries": {REGISTRY: {"endpoint": f"http://{ADDRESS}:{PORT}"}}})


def write_by_hand(printed: str, folder: Path) -> None:
    """Do what the printed text says: write each file to where its comment names it."""
    files = re.split(rf"^# {FOLDER}/(.*)$", printed, flags=re.MULTILINE)[1:]
    for path, text in zip(files[::2], files[1::2], strict=True):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text, encoding="utf-8")


def test_an_image_is_pulled_by_a_name_that_does_not_resolve_and_not_without_the_file(tmp_path: Path) -> None:
    write_by_hand("\n".join(lines_for(site().nodes.registries)), tmp_path / "certs.d")
    try:
        command = unshare_command()
    except LabError as error:
        pytest.skip(str(error))
    inside = [*command, sys.executable, "-m", "tests.tools.containerd.inside", str(tmp_path)]
    pull = [*inside, f"{REGISTRY}/{IMAGE}:{TAG}"]
    done = subprocess.run(pull, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    told = json.loads(done.stdout)
    code, printed = told["hosts.toml"]
    assert (code, "done" in printed) == (0, True), printed
    code, printed = told["without"]
    assert code
    assert f"lookup {REGISTRY}" in printed
