"""The Makefile's commands that work on the lab work on nothing else when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.site import ROOT

STAND_IN = """#!/bin/sh
echo "$0 $*" >> "{calls}"
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file to which `pulumi` and `python`, which do nothing else, write how they are called."""
    if not shutil.which("make"):
        pytest.skip("there is no make; install the package `make`")
    file = tmp_path / "calls"
    for name in ("pulumi", "python"):
        (tmp_path / name).write_text(STAND_IN.format(calls=file), encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    file.touch()
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    return file


def make(target: str, folder: Path, lab: str) -> int:
    """Run a target with `lab` in place of the lab's command line, on a finished virtual environment."""
    finished = ["--old-file", ".venv/installed"]
    settings = [f"RUN={folder}", f"LAB={lab}", "STACK=local"]
    return subprocess.run(["make", *finished, *settings, target], cwd=ROOT, check=False).returncode


@pytest.mark.parametrize("target", ["verify", "preflight"])
def test_without_the_lab_the_command_does_not_run_on_the_users_own_cluster(calls: Path, target: str) -> None:
    assert make(target, calls.parent, "false") != 0
    assert calls.read_text() == ""


@pytest.mark.parametrize("target", ["verify", "preflight"])
def test_with_the_lab_the_command_runs(calls: Path, target: str) -> None:
    assert make(target, calls.parent, "true") == 0
    assert "python -m " in calls.read_text()
