"""`make up` and `make down`, as a new user runs them, in a lab of their own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from rich.text import Text

from lab import pulumis
from lab.lab import Lab
from lab.processes import wait_until
from lab.programs import missing
from tests.conftest import NOT_BUILT
from tests.engine.site import ROOT, Site
from tools.checkpoints import ENOUGH

pytestmark = pytest.mark.engine


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


def start(lab: Lab, project: Path, command: str, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start `python -m lab COMMAND` in the project, as the Makefile does."""
    return subprocess.Popen(
        [sys.executable, "-m", "lab", "--directory", lab.directory, command],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "TERM": "xterm-256color"},
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def words(output: bytes) -> str:
    """Return what a person reads, on one line."""
    text = output.decode().replace("\r\n", "\n")  # as a terminal gets it
    return " ".join(Text.from_ansi(text).plain.replace("│", " ").split())


def run(lab: Lab, project: Path, command: str) -> str:
    """Run `python -m lab COMMAND`, which must succeed."""
    with start(lab, project, command) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output.decode()
    return words(output)


def run_in_a_terminal(lab: Lab, project: Path, command: str) -> bytes:
    """Run it, with a pseudo-terminal as its output."""
    ours, theirs = os.openpty()
    output = b""
    with start(lab, project, command, theirs) as process, os.fdopen(ours, "rb", buffering=0) as terminal:
        os.close(theirs)
        with contextlib.suppress(OSError):  # this is how the end of it is told
            while more := terminal.read(4096):
                output += more
    assert process.returncode == 0, output.decode()
    return output


def pulumis_processes(lab: Lab, which: Callable[[psutil.Process], bool] = lambda _: True) -> list[str]:
    """Return the command lines of the processes that run in the environment of this lab's Pulumi."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get("PULUMI_HOME") == str(lab.directory / "pulumi")
            if ours and which(process):
                found.append(" ".join(process.cmdline()))
    return found


def is_connected(process: psutil.Process) -> bool:
    """Whether the engine has reached it: a provider that it never reached ends by itself."""
    return any(one.status == psutil.CONN_ESTABLISHED for one in process.net_connections("tcp"))


def test_in_a_terminal_up_reports_the_cure_and_a_second_one_waits_and_changes_nothing(
    fresh: tuple[Lab, Path],
) -> None:
    lab, project = fresh
    with ThreadPoolExecutor() as pool:
        in_a_terminal = pool.submit(run_in_a_terminal, lab, project, "up")
        assert wait_until((lab.directory / "lab.lock").exists, 300)
        second = run(lab, project, "up")
        output = in_a_terminal.result()
    first = words(output)
    assert re.search(rb"\x1b\[32m\+ \d+ created", output)
    assert "nodelocaldns NXDOMAIN NOERROR 192.168.1.7" in first
    assert "kube-system/nodelocaldns Corefile: + protobox:53" in first
    assert "argo-docserver http://git.protobox/gitlab/protobox1/docserver.git CD factory/CD/base" in first
    assert "No changes" not in first
    assert "Another command works on this lab; waiting for it to end." in second
    assert "No changes: the cluster was as the stack file says." in second
    ours = lab.processes()
    assert ours
    run(lab, project, "stop")
    assert lab.processes() == []
    assert not [process for process in ours if process.alive]


def test_what_a_killed_up_leaves_is_waited_for_by_the_next_one_and_ended_by_clean(
    fresh: tuple[Lab, Path],
) -> None:
    lab, project = fresh
    with start(lab, project, "up") as up:
        # In this order: `stack select`, which comes before, has the lock for a moment too.
        assert wait_until(lambda: any("pulumi up " in one for one in pulumis_processes(lab)), 300, pause=0.2)
        assert wait_until(lambda: bool(pulumis.at_work(lab.directory)), 300)
        up.kill()
    after = run(lab, project, "up")
    assert "Another Pulumi (process" in after
    assert "No changes: the cluster was as the stack file says." in after  # the orphan has done it all
    assert pulumis_processes(lab) == []

    with start(lab, project, "up") as up:
        assert wait_until(
            lambda: any("pulumi.dynamic" in one for one in pulumis_processes(lab, is_connected)), 300
        )
        for pulumi in pulumis.at_work(lab.directory):
            pulumi.kill()
        output, _ = up.communicate()
    assert "error: Signal 9 has ended `pulumi up`." in words(output)
    assert any("pulumi.dynamic" in one for one in pulumis_processes(lab))
    run(lab, project, "clean")
    assert pulumis_processes(lab) == []


def test_many_projects_are_written_once_and_a_kill_in_the_middle_loses_none(fresh: tuple[Lab, Path]) -> None:
    lab, project = fresh
    folder, names = project.parent / "many", [f"p{number}" for number in range(ENOUGH)]
    folder.mkdir()
    stack = Site(lab, folder)
    stack.edit("projects", {name: {} for name in names})
    with start(lab, stack.folder, "up") as up:
        assert wait_until(lambda: any("pulumi up " in one for one in pulumis_processes(lab)), 300, pause=0.2)
        assert wait_until(lambda: up.poll() is not None or stack.has_applications(10), 300, pause=0.1)
        stack.kill_pulumi()
        output, _ = up.communicate()
    assert "Pulumi writes its state once, at the end" in words(output)
    assert "error: Signal 9 has ended `pulumi up`." in words(output)
    assert not [one for one in stack.engine.resources() if "Application" in one["type"]]
    after = run(lab, stack.folder, "up")
    assert set(stack.applications()) == {f"argo-{name}" for name in names}
    assert "warning" not in after
    assert "No changes: the cluster was as the stack file says." in run(lab, stack.folder, "up")
