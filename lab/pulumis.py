"""Pulumi's processes that work on a lab, also those whose `make up` is gone: waited for, or ended."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from components.cluster.backend import cut_off
from lab.environment import STACK
from lab.processes import wait_until

_SECONDS_TO_CANCEL = 60.0
_SECONDS_TO_END = 5.0
_SECONDS_TO_WRITE = 5.0
_CLOCK_STEP = 5.0
"""By how many seconds the start of a process may be off: it is counted from the boot, by another clock."""


def wait_for_others(directory: Path, say: Callable[[str], object]) -> None:
    """Return when nobody works on the state of the lab in `directory`; what a killed Pulumi left is ended."""
    told: set[int] = set()
    while found := at_work(directory):
        for process in found:
            if process.pid not in told:
                since = f"{datetime.fromtimestamp(process.create_time()).astimezone():%H:%M:%S}"
                say(
                    f"Another Pulumi (process {process.pid}, since {since}) works on this lab; waiting until "
                    "it is done. To end it instead: Ctrl-C, then `make down`."
                )
                told.add(process.pid)
        _gone(found, 1)
    _end(orphans(directory))


def end_all(directory: Path, say: Callable[[str], object]) -> None:
    """End what works on the state of the lab in `directory`: Pulumi cancels and saves, if it can."""
    for process in (running := at_work(directory)):
        say(f"Pulumi (process {process.pid}) works on this lab; it is told to cancel.")
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    if not _gone(running, _SECONDS_TO_CANCEL):
        _end(running)
    at_work(directory)  # takes the locks away that are left
    _end(orphans(directory))


def mend_state(directory: Path, say: Callable[[str], object]) -> None:
    """Go on from a copy of a state that a full disk has cut off, or from none: `up` takes up the rest."""
    if found := cut_off(directory / "state", STACK):
        state, copy = found
        say(f"Pulumi's state was cut off, as on a disk that was full; going on from {copy or 'none'}.")
        if copy:
            shutil.copyfile(copy, state)
        else:
            state.unlink()


def at_work(directory: Path) -> list[psutil.Process]:
    """Return the Pulumis that hold a lock on the state; locks of those that are gone are deleted.

    So is one that is only half written, on a disk that was full: Pulumi itself stops at it for ever.
    """
    found = []
    for lock in (directory / "state" / ".pulumi" / "locks").rglob("*.json*"):
        with contextlib.suppress(OSError):
            try:
                holder = _holder(json.loads(lock.read_text(encoding="utf-8")))
            except (ValueError, KeyError, TypeError):
                if time.time() - lock.stat().st_mtime > _SECONDS_TO_WRITE:
                    lock.unlink()
                continue
            if holder:
                found.append(holder)
            else:
                lock.unlink()
    return found


def orphans(directory: Path) -> list[psutil.Process]:
    """Return Pulumi's plugins that work in the lab's environment, and have no Pulumi above them any more.

    A Pulumi that is killed leaves them behind, and nobody else would ever end them.
    """
    home = str(directory / "pulumi")
    return [process for process in psutil.process_iter() if _is_orphan(process, home)]


def _holder(lock: dict[str, Any]) -> psutil.Process | None:
    """Return the process that wrote `lock`, not another one that has its number now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(lock["pid"]))
        written = datetime.fromisoformat(lock["timestamp"]).timestamp()
        if _is_pulumi(process) and process.create_time() <= written + _CLOCK_STEP:
            return process
    return None


def _is_orphan(process: psutil.Process, home: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        # pulumi-language-python; python …/pulumi-language-python-exec; python -u -m pulumi.dynamic; and so on
        names = (Path(word).name for word in process.cmdline()[:4])
        return (
            any(name.startswith(("pulumi-", "pulumi.")) for name in names)
            and process.environ().get("PULUMI_HOME") == home
            and not any(map(_is_pulumi, process.parents()))
        )
    return False


def _is_pulumi(process: psutil.Process) -> bool:
    return process.name() == "pulumi" and _is_alive(process)


def _is_alive(process: psutil.Process) -> bool:
    """Return whether it runs; in a container it may be that nobody ever takes away what is left of it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _gone(processes: Iterable[psutil.Process], seconds: float) -> bool:
    return wait_until(lambda: not any(map(_is_alive, processes)), seconds)


def _end(processes: Iterable[psutil.Process]) -> None:
    everything = {process for top in processes for process in (top, *_below(top))}
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in everything:
            with contextlib.suppress(psutil.NoSuchProcess):
                end(process)
        if _gone(everything, _SECONDS_TO_END):
            return


def _below(process: psutil.Process) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        yield from process.children(recursive=True)
