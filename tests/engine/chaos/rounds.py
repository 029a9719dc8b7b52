"""One round: a fault strikes in a phase, the watcher watches, and one plain `up` has to be enough."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import pulumis
from tests.engine.chaos.stage import Fault, Stage
from tests.engine.chaos.watcher import watching
from tests.engine.kills import MORE, PHASES, Kills

GIT = "git.protobox"
_OF_APPLICATIONS = "Applications:"
"""How `Kills.take_up` begins what it says of those that are lost or left."""


@dataclass(frozen=True)
class Round:
    """What became of a fault.

    Attributes:
        fault: the kind of fault.
        phase: in which phase.
        seed: what its moments came from.
        faults: how often each fault has struck.
        asked: how many questions the cluster's DNS was asked.
        ignorant: for how many seconds CoreDNS has known nothing, since the API server was away.
        not_loaded: the Corefiles that CoreDNS refuses.
        unanswered: the questions that were not answered.
        not_taken_up: what is not as the stack file says it after one plain `up`.
        notes: what was measured.
    """

    fault: str
    phase: str
    seed: int
    faults: Counter[str]
    asked: int
    ignorant: float
    not_loaded: Sequence[str]
    unanswered: Sequence[str]
    not_taken_up: Sequence[str]
    notes: Sequence[str]

    @property
    def wrong(self) -> str:
        """What is wrong, "" for nothing."""
        return "; ".join([*self.not_loaded, *self.unanswered, *self.not_taken_up])

    @property
    def lost(self) -> bool:
        """Whether Applications were lost or doubled."""
        return any(_OF_APPLICATIONS in one for one in self.not_taken_up)

    def __str__(self) -> str:
        faults = ", ".join(f"{number} {fault}" for fault, number in sorted(self.faults.items())) or "none"
        if self.ignorant:
            faults += f", SERVFAIL for {self.ignorant:.1f} s"
        about = "; ".join([f"{self.fault}, {self.phase}, seed {self.seed}", faults, *self.notes])
        return f"{about}: {f'WRONG: {self.wrong}' if self.wrong else 'right'}"


def played(kills: Kills, fault: Fault, phase: str, seed: int) -> Round:
    """Let a fault strike in a phase, run one plain `up`, and return what is wrong after that."""
    names = [GIT] if phase == MORE and not fault.takes_names else []
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        watching(kills.stack, names) as watched,
    ):
        chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        stage = Stage(kills, phase, chance, watched, Path(folder))
        fault.strike(stage)
        wrong = kills.take_up()
    pulumis.end_all(kills.stack.lab.directory, print)
    return Round(
        fault.name,
        phase,
        seed,
        stage.faults,
        watched.asked,
        watched.ignorant,
        tuple(watched.not_loaded(kills.stack.lab.programs.coredns)),
        tuple(watched.unanswered),
        tuple(filter(None, [*stage.wrong, wrong])),
        stage.notes,
    )


def as_table(rounds: Sequence[Round]) -> str:
    """Return for each kind of fault and phase how many rounds were right, and how many faults have struck."""
    names = dict.fromkeys(one.fault for one in rounds)
    wide = max(map(len, names), default=0) + 2
    lines = [f"{'fault':<{wide}}" + "".join(f"{phase:>14}" for phase in PHASES)]
    for name in names:
        of = [one for one in rounds if one.fault == name]
        cells = [_cell([one for one in of if one.phase == phase]) for phase in PHASES]
        lines.append(f"{name:<{wide}}" + "".join(f"{cell:>14}" for cell in cells))
    faults = sum((one.faults for one in rounds), Counter[str]())
    lines.append(", ".join(f"{number} {fault}" for fault, number in faults.most_common()))
    if ignorant := [one.ignorant for one in rounds if one.ignorant]:
        lines.append(
            "CoreDNS has answered SERVFAIL for the cluster's names, since the API server was away, in "
            f"{len(ignorant)} rounds, for at most {max(ignorant):.1f} s"
        )
    counted = {
        "Corefiles that CoreDNS refuses": sum(len(one.not_loaded) for one in rounds),
        "names lost": sum(len(one.unanswered) for one in rounds),
        "Applications lost or doubled": sum(one.lost for one in rounds),
        "one up was enough": f"{sum(not one.not_taken_up for one in rounds)} of {len(rounds)}",
    }
    lines.append(
        f"{faults.total()} faults; {', '.join(f'{what} {number}' for what, number in counted.items())}; "
        f"the cluster's DNS was asked {sum(one.asked for one in rounds)} times"
    )
    return "\n".join([*lines, *(f"- {one}" for one in rounds if one.wrong)])


def _cell(rounds: Sequence[Round]) -> str:
    right, faults = sum(not one.wrong for one in rounds), sum(one.faults.total() for one in rounds)
    return f"{right}/{len(rounds)} ({faults})" if rounds else "-"
