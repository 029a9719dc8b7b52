"""The warm Python does as a fresh one does: arguments, streams, code, signals, and an end with its client."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.local_stack import ROOT
from lab.processes import wait_until
from tests.warm_python import warm_python

DYNAMIC = ["-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm_python(tmp_path_factory.mktemp("venv")) as venv:
        yield venv / "bin" / "python"


def run(python: Path | str, *arguments: str, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [python, *arguments],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "pip", "list", "-v", "--format", "json", "--disable-pip-version-check"],
        ["-m", "pip", "no-such-command"],
        ["-c", "import sys; print('a'); sys.exit('b')"],
        ["--version"],
    ],
)
def test_it_prints_and_ends_as_a_fresh_one(python: Path, arguments: list[str]) -> None:
    fresh = run(sys.executable, *arguments)
    assert run(python, *arguments) == fresh
    assert run(python, *arguments) == fresh  # also where it was kept from the first time


def test_each_run_has_its_own_environment(python: Path) -> None:
    with_index = run(python, "-m", "pip", "config", "debug", PIP_CONFIG_FILE="/nowhere/pip.conf")[1]
    assert "/nowhere/pip.conf" in with_index
    assert "/nowhere/pip.conf" not in run(python, "-m", "pip", "config", "debug")[1]


def test_a_program_with_other_components_beside_it_gets_a_fresh_one(python: Path, tmp_path: Path) -> None:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "__init__.py").write_text("print('not ours')\n", encoding="utf-8")
    script = tmp_path / "pulumi-language-python-exec"
    script.write_text("import sys, components; print('pulumi' in sys.modules)\n", encoding="utf-8")
    done = subprocess.run([python, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "not ours\nFalse\n"


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_a_plugin_ends_with_its_client(python: Path, number: signal.Signals, code: int) -> None:
    with subprocess.Popen([python, *DYNAMIC], cwd=ROOT, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout
        port = int(client.stdout.readline())
        assert listens(port)
        time.sleep(0.5)  # the SDK's plugin waits for an interrupt only after it has printed its port
        client.send_signal(number)
        assert client.wait(10) == code
    assert wait_until(lambda: not listens(port), 5)
