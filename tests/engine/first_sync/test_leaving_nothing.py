"""However the demo ends, no process, namespace, mount or file of it is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from lab.first_sync.story import NO_SUCH_HOST
from lab.processes import wait_until
from lab.programs import cache_folder
from tests.engine.site import ROOT

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("can_run")]

_INTERRUPTED = 130
_NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Machine:
    """What the demo may write to, and what there was before it."""

    temporary: Path
    home: Path
    network: str
    mounts: str

    def runs_in_private(self, name: str = "") -> bool:
        """Return whether a process called `name`, or any one, is in a network that the demo has made."""
        return any(name in {"", process.info["name"]} for process in self._in_private())

    def private_networks(self) -> set[str]:
        return {network_of(process) for process in self._in_private()} - {""}

    def _in_private(self) -> list[psutil.Process]:
        processes = psutil.process_iter(["name"])
        apart = [process for process in processes if network_of(process) not in {"", self.network}]
        # Other tests may have private networks at the same time.
        return [process for process in apart if str(self.temporary) in environment_of(process)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine whose home folder and folder for temporary files are empty."""
    temporary, home = tmp_path / "tmp", tmp_path / "home"
    temporary.mkdir()
    home.mkdir()
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    return Machine(temporary, home, network_of(psutil.Process()), mounts)


def network_of(process: psutil.Process) -> str:
    """Return the network namespace in which `process` is; nothing when it has ended."""
    try:
        return str(Path(f"/proc/{process.pid}/ns/net").readlink())
    except OSError:
        return ""


def environment_of(process: psutil.Process) -> str:
    try:
        return Path(f"/proc/{process.pid}/environ").read_text(encoding="utf-8", errors="replace")
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


@contextmanager
def a_demo(machine: Machine, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `make demo` as a Git hook would, on a machine that has proxies, which know nobody."""
    # A build server may have started the tests in the background, where this is ignored, by children too.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    folders = {"HOME": str(machine.home), "TMPDIR": str(machine.temporary)}
    programs = {"XDG_CACHE_HOME": str(cache_folder().parent)}
    proxies = dict.fromkeys(("http_proxy", "HTTPS_PROXY", "all_proxy"), _NOBODY)
    git = {"GIT_DIR": str(machine.home / "of-the-user.git")}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "lab", "demo", *options],
        cwd=ROOT,
        env=os.environ | folders | programs | proxies | git,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        yield demo


def assert_nothing_is_left(machine: Machine, private: set[str]) -> None:
    folder = machine.temporary
    wait_until(lambda: not of_ours(folder) and not list(folder.iterdir()), 60, pause=0.2)
    assert of_ours(folder) == []
    assert list(folder.iterdir()) == []
    assert list(machine.home.iterdir()) == []
    assert private.isdisjoint(map(network_of, psutil.process_iter()))
    assert Path("/proc/mounts").read_text(encoding="utf-8") == machine.mounts


@pytest.mark.parametrize(
    ("step", "running", "end", "code"),
    [
        ("The site:", "", signal.SIGHUP, _INTERRUPTED),
        ("c  The role's Argo CD goes", "pulumi", signal.SIGINT, _INTERRUPTED),
        ("a  As the Ansible role left it", "argocd", signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_demo_that_is_ended_leaves_nothing(
    machine: Machine, step: str, running: str, end: signal.Signals, code: int
) -> None:
    with a_demo(machine) as demo:
        _read_until(demo, step)
        assert wait_until(lambda: machine.runs_in_private(running), 120, pause=0.2)
        private = machine.private_networks()
        demo.send_signal(end)
        printed, _ = demo.communicate(timeout=600)
    assert demo.returncode == code, printed
    assert "Traceback" not in printed
    assert_nothing_is_left(machine, private)


def test_a_demo_tells_the_story_to_its_end_and_leaves_nothing(machine: Machine) -> None:
    # It does without the pause: there is nobody at a terminal who could end it.
    with a_demo(machine, "--strategy", "dnsmasq", "--pause") as demo:
        assert wait_until(machine.runs_in_private, 120, pause=0.2)
        private = machine.private_networks()
        printed, _ = demo.communicate(timeout=900)
    assert demo.returncode == 0, printed
    _, *steps = re.split(r"^([a-g])  ", printed, flags=re.MULTILINE)
    # The console's width decides where a line is broken.
    told = {letter: " ".join(text.split()) for letter, text in zip(steps[::2], steps[1::2], strict=True)}
    assert list(told) == list("abcdefg")
    assert NO_SUCH_HOST in told["b"]
    assert "Synced Healthy" in told["e"]
    assert "byte for byte as they were" in told["g"]
    assert NO_SUCH_HOST in told["g"]
    assert printed.endswith("Nothing of it is left on this machine.\n")
    assert_nothing_is_left(machine, private)


def _read_until(demo: subprocess.Popen[str], text: str) -> None:
    for line in demo.stdout or ():
        if text in line:
            return
    raise AssertionError(f"the demo ended before {text!r}")
