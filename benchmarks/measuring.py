"""Run a command and say what it cost; let contestants take turns."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

_SAMPLE_SECONDS = 0.2
_MEBIBYTE = 1024 * 1024
T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """What a command needed, with all that it has started."""

    seconds: float
    cpu: float
    """Processor seconds, which change less with what else the machine does."""
    mebibytes: float
    """The most memory at one time: the sum of resident sets, sampled."""

    def as_data(self) -> dict[str, float]:
        """Return it for the file of results."""
        return {key: round(value, 3) for key, value in asdict(self).items()}


class CommandError(Exception):
    """A measured command has failed; the text is what it printed."""


def cost(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    fine: Collection[int] = (0,),
) -> Cost:
    """Run a command and return what it cost.

    Args:
        command: the command.
        folder: where to run it.
        environment: its variables.
        fine: the exit codes that mean that it has done its work.

    Raises:
        CommandError: it ended with another one.
    """
    log = folder / "printed"
    cpu_before = cpu_seconds()
    with log.open("wb") as printed:
        began = time.monotonic()
        process = psutil.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=subprocess.STDOUT)
        most = 0
        while True:
            most = max(most, _resident(process))
            try:
                code = process.wait(_SAMPLE_SECONDS)
            except psutil.TimeoutExpired:
                continue
            break
        seconds = time.monotonic() - began
    if code not in fine:
        last = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise CommandError(f"{' '.join(map(str, command))} has failed with {code}:\n{last}")
    return Cost(seconds, cpu_seconds() - cpu_before, most / _MEBIBYTE)


def cpu_seconds() -> float:
    """Return the processor time of all processes that were started here and have ended, with their own."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(process: psutil.Process) -> int:
    """Return the resident memory of a process and all that it has started, in bytes."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:  # it has just ended; the next sample is complete again
        return 0
    return total


def in_turns(
    contestants: Mapping[str, Callable[[], T]], runs: int, fewer: Mapping[str, int] | None = None
) -> dict[str, list[T]]:
    """Run each contestant so often, one after the other, so that what changes meanwhile meets all of them.

    Args:
        contestants: name → what to run.
        runs: how often.
        fewer: name → how often instead.
    """
    found: dict[str, list[T]] = {name: [] for name in contestants}
    for turn in range(runs):
        for name, run in contestants.items():
            if turn < (fewer or {}).get(name, runs):
                found[name].append(run())
    return found


@dataclass(frozen=True)
class Spread:
    """What a few numbers say together."""

    median: float
    least: float
    most: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[Any]) -> Spread:
        """Return it for some numbers."""
        return cls(statistics.median(values), min(values), max(values), len(values))
