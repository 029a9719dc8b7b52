"""However the demo ends, no process, namespace, mount or file of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lab.first_sync.pods import ASK_PASS
from lab.processes import wait_until
from tests.engine.site import ROOT

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180), pytest.mark.usefixtures("can_run")]

_INTERRUPTED = 130


def network_of(process: psutil.Process) -> str:
    """Return the network namespace in which `process` is; nothing when it has ended."""
    try:
        return str(Path(f"/proc/{process.pid}/ns/net").readlink())
    except OSError:
        return ""


def of_ours(folder: Path) -> list[psutil.Process]:
    """Return the processes whose files are in `folder`."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and str(folder) in " ".join(process.info["cmdline"] or [])
    ]


@pytest.mark.parametrize(
    ("step", "end", "code"),
    [
        ("The site:", signal.SIGINT, _INTERRUPTED),
        ("c  The role's Argo CD goes", signal.SIGTERM, _INTERRUPTED),
        ("a  As the Ansible role left it", signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_demo_that_is_ended_leaves_nothing(
    tmp_path: Path, step: str, end: signal.Signals, code: int
) -> None:
    # A build server may have started the tests in the background, where Ctrl-C is ignored, by children too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    own, mounts = network_of(psutil.Process()), Path("/proc/mounts").read_text(encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "lab", "demo"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        _read_until(demo, step)
        assert wait_until(lambda: any(network_of(one) not in {own, ""} for one in of_ours(tmp_path)), 20)
        private = {network_of(process) for process in of_ours(tmp_path)} - {own, ""}
        demo.send_signal(end)
        printed, _ = demo.communicate(timeout=90)
    assert demo.returncode == code, printed
    assert "Traceback" not in printed
    wait_until(lambda: not of_ours(tmp_path) and not list(tmp_path.iterdir()), 60, pause=0.2)
    assert of_ours(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert not ASK_PASS.exists()
    assert private.isdisjoint(map(network_of, psutil.process_iter()))
    assert Path("/proc/mounts").read_text(encoding="utf-8") == mounts


def _read_until(demo: subprocess.Popen[str], text: str) -> None:
    for line in demo.stdout or ():
        if text in line:
            return
    raise AssertionError(f"the demo ended before {text!r}")
