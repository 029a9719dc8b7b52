"""What a fault strikes in: a phase of the stack's life, under the eyes of the watcher."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from lab.lab import Lab
from lab.processes import wait_until
from tests.engine.chaos.watcher import Watched
from tests.engine.kills import PHASES, Kills


@dataclass
class Stage:
    """One phase of the stack's life.

    Attributes:
        kills: the stack.
        phase: the phase.
        chance: decides about moments.
        watched: what the watcher has seen.
        folder: an empty folder.
        faults: how often each fault has struck.
        wrong: what the fault itself has seen that must not be.
        notes: what it has measured.
    """

    kills: Kills
    phase: str
    chance: random.Random
    watched: Watched
    folder: Path
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def lab(self) -> Lab:
        """The lab."""
        return self.kills.stack.lab

    @contextmanager
    def at_work(
        self, changes: Mapping[str, str] | None = None, output: IO[str] | int = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[str]]:
        """Begin the phase's command, and wait for its end, whatever that is; the arguments are `begin`'s."""
        with self.kills.begin(self.phase, changes, output) as up:
            try:
                yield up
            finally:
                up.wait(900)

    def moment(self, up: subprocess.Popen[str]) -> bool:
        """Return at a random moment of the phase; tell whether its command is still at work."""
        wait_until(lambda: up.poll() is not None, self.chance.uniform(0.5, self.kills.longest[self.phase]))
        return up.poll() is None


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        name: what it is.
        strike: runs the phase's command, and does its damage; undoes what a user would have to undo.
        phases: in which phases it can be.
        missing: tells why it cannot be tried on this machine, "" if it can.
        takes_names: whether it is the fault itself that takes the Git host's name from the cluster.
    """

    name: str
    strike: Callable[[Stage], None]
    phases: tuple[str, ...] = PHASES
    missing: Callable[[], str] = lambda: ""
    takes_names: bool = False
