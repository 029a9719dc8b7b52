"""`make up` and `make down`, as a new user runs them, in a lab of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lab.lab import Lab
from lab.programs import missing
from tests.conftest import NOT_BUILT
from tests.engine.site import ROOT, Site

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Lab, Path]]:
    """A lab that does not run yet, and the program beside it."""
    if missing():
        pytest.skip(NOT_BUILT)
    project = tmp_path / "project"
    project.mkdir()
    lab = Lab(tmp_path / "lab")
    Site(lab, project)
    yield lab, project
    lab.stop()


def run(lab: Lab, project: Path, command: str) -> str:
    """Run `python -m lab COMMAND` in the project, as the Makefile does; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", "--directory", lab.directory, command],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.replace("│", " ").split())


def alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits for its parent to take notice does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_up_reports_the_cure_a_second_one_changes_nothing_and_down_leaves_no_process(
    fresh: tuple[Lab, Path],
) -> None:
    lab, project = fresh
    first = run(lab, project, "up")
    assert "nodelocaldns NXDOMAIN NOERROR 192.168.1.7" in first
    assert "kube-system/nodelocaldns Corefile: + protobox:53" in first
    assert "argo-docserver http://git.protobox/gitlab/protobox1/docserver.git CD factory/CD/base" in first
    assert "No changes" not in first
    second = run(lab, project, "up")
    assert "No changes: the cluster was as the stack file says." in second
    ours = [process.pid for process in lab.processes()]
    assert ours
    run(lab, project, "stop")
    assert lab.processes() == []
    assert not [pid for pid in ours if alive(pid)]


def test_up_after_a_killed_up_is_not_stopped_by_its_lock(fresh: tuple[Lab, Path]) -> None:
    lab, project = fresh
    run(lab, project, "up")
    locks = lab.directory / "state" / ".pulumi" / "locks" / "organization" / "protobox-cd" / "local"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "left-behind.json").write_text('{"pid": 4194305}', encoding="utf-8")  # above Linux's highest pid
    assert "No changes" in run(lab, project, "up")
