"""Start the lab's processes in the background, and stop exactly these and no other ones.

A registry file in the lab's directory names each process by its number *and* its start time, so that
a number which the operating system has given to somebody else in the meantime is never signalled.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.errors import LabError

STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_LOG_LINES = 8

# Children of this very process have to be waited for, or they stay in the process table as zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """One process that the lab started, as it stands in the registry."""

    name: str
    pid: int
    started: str
    """When it started, as the operating system counts it; differs for a later process of the same pid.
    Empty when it had ended before anybody could look."""

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        now = start_time(self.pid)
        if not now and (child := _children.pop(self.pid, None)):
            child.wait()  # for a moment: a program is gone only when its last thread is
        return bool(self.started) and now == self.started


class Processes:
    """The processes of one lab directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._registry = directory / "processes.json"
        self._logs = directory / "logs"

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        ready: Callable[[], bool] | None = None,
        seconds: float = 120.0,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """Start `command` in a session of its own, so that Ctrl-C at the terminal does not reach it.

        Returns the process when `ready` says so, or at once without it.

        Raises:
            LabError: it ended or was not ready in time; the text holds the last lines of its log.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log, self._registered() as processes:
            child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
            _children[child.pid] = child
            process = Process(name, child.pid, start_time(child.pid))
            processes[:] = [*(one for one in processes if one.name != name), process]
        if ready:
            self._wait(process, ready, seconds)
        return process

    def wait(self, name: str, ready: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait until the process called `name`, which was started before, is ready.

        Raises:
            LabError: as `start`.
        """
        self._wait(next(process for process in self._read() if process.name == name), ready, seconds)

    def names(self) -> list[str]:
        """Return the names of the processes that were started, also of those that ended by themselves."""
        return [process.name for process in self._read()]

    def running(self) -> list[Process]:
        """Return the processes that run, in the order in which they were started."""
        return [process for process in self._read() if process.alive]

    def find(self, name: str) -> Process | None:
        """Return the process called `name`, if it runs."""
        return next((one for one in self._read() if one.name == name and one.alive), None)

    def log(self, name: str) -> Path:
        """Return the file with everything that the process called `name` printed."""
        return self._logs / f"{name}.log"

    def stop(self, name: str) -> None:
        """Stop the process called `name`, if it runs."""
        if process := self.find(name):
            self._stop(process, STOP_SECONDS)

    def kill(self, name: str) -> None:
        """Kill the process called `name`, as a machine without memory does, and return when it is gone."""
        if process := self.find(name):
            self._stop(process, STOP_SECONDS, signal.SIGKILL)

    def stop_all(self, seconds: float = STOP_SECONDS) -> None:
        """Stop what runs, last started first; what does not stop in `seconds` is killed."""
        # What is being stopped may itself have started something in the meantime: look again.
        while running := self.running():
            self._stop(running[-1], seconds)
        self._registry.unlink(missing_ok=True)

    def last_lines(self, name: str) -> str:
        """Return the end of the log of `name`, indented for a message."""
        try:
            text = self.log(name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return "    (it printed nothing)"
        return "\n".join(f"    {line[:240]}" for line in text.splitlines()[-_LOG_LINES:])

    def _stop(self, process: Process, seconds: float, first: int = signal.SIGTERM) -> None:
        for number, patience in ((first, seconds), (signal.SIGKILL, STOP_SECONDS)):
            if not process.alive:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
            if wait_until(lambda: not process.alive, patience):
                return
        raise LabError(f"{process.name} (process {process.pid}) does not end, not even when killed.")

    def _wait(self, process: Process, ready: Callable[[], bool], seconds: float) -> None:
        if wait_until(lambda: not process.alive or ready(), seconds) and process.alive:
            return
        what = f"was not ready after {seconds:.0f} s" if process.alive else "ended by itself"
        raise LabError(
            f"{process.name} {what}. The last lines of its log, {self.log(process.name)}:\n"
            f"{self.last_lines(process.name)}"
        )

    def _read(self) -> list[Process]:
        try:
            return [Process(**entry) for entry in json.loads(self._registry.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError):
            raise LabError(
                f"{self._registry} is damaged, so the lab does not know which processes are its own. "
                "Stop what is left of it by hand, then delete that file."
            ) from None

    @contextlib.contextmanager
    def _registered(self) -> Iterator[list[Process]]:
        """Yield the registry's list and write it back; more than one process of the lab starts others."""
        with (self._directory / "processes.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            processes = self._read()
            try:
                yield processes
            finally:
                new = self._registry.with_suffix(".new")
                new.write_text(json.dumps([asdict(one) for one in processes], indent=2), encoding="utf-8")
                new.replace(self._registry)


@contextlib.contextmanager
def one_at_a_time(file: Path, waiting: str, say: Callable[[str], object]) -> Iterator[None]:
    """Hold the lock `file`, which the operating system frees when this process ends, however it ends.

    Args:
        file: made, with its folder, if it is not there.
        waiting: what to `say` when another process holds it.
        say: gets the sentence, once.
    """
    while True:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(waiting)
                fcntl.flock(lock, fcntl.LOCK_EX)
            # Whoever had it may have deleted it, folder and all.
            if file.exists() and os.path.samestat(file.stat(), os.fstat(lock.fileno())):
                yield
                return


def start_time(pid: int) -> str:
    """Return when process `pid` started, or nothing if there is no such process or only its remains."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    state, *fields = text.rpartition(")")[2].split()
    ticks_since_boot = fields[18]
    return "" if state in "ZX" else f"{boot}/{ticks_since_boot}"


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = _POLL_SECONDS) -> bool:
    """Return whether `condition` came true within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
    return True
