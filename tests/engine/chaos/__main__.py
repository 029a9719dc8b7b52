"""Let `pulumi` work through a disturbed API server, and see what one plain `up` makes of it: `make chaos`.

`python -m tests.engine.chaos SECONDS [SEED]` returns 1 if anything was lost, doubled or left behind.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from lab import pulumis
from tests.engine.chaos.proxy import FAULTS, Disturbance, proxied
from tests.engine.chaos.watcher import watching
from tests.engine.kills import DESTROY, FIRST, MORE, PHASES, SWITCH, Kills, stack_of_its_own

RATES = (3.0, 10.0, 30.0)
"""How many of a hundred requests meet a fault."""


@dataclass(frozen=True)
class Round:
    """One command through a disturbed API server, and the plain `up` after it."""

    phase: str
    rate: float
    seed: int
    faults: Counter[str]
    asked: int
    wrong: str

    def __str__(self) -> str:
        faults = ", ".join(f"{number} {fault}" for fault, number in sorted(self.faults.items())) or "none"
        about = f"{self.phase}, {self.rate:.0f} %, seed {self.seed}: {self.faults.total()} faults ({faults})"
        return f"{about}; {f'WRONG: {self.wrong}' if self.wrong else 'right'}"


def disturbed(kills: Kills, phase: str, rate: float, seed: int) -> Round:
    """Run a phase's command through faults, then one plain `up`; return what is wrong after that."""
    chance = random.Random(seed)  # noqa: S311 - faults, not secrets
    disturbance = Disturbance(chance, rate, spared=chance.randrange(20))
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        proxied(kills.stack.lab.kubeconfig, Path(folder), disturbance) as kubeconfig,
        watching(kills.stack) as watched,
    ):
        kills.through(phase, kubeconfig)
        disturbance.rate = 0
        wrong = kills.take_up()
    wrong = "; ".join(filter(None, [wrong, *watched.wrong()]))
    return Round(phase, rate, seed, disturbance.seen, watched.asked, wrong)


def as_table(rounds: list[Round]) -> str:
    """Return how often each fault has happened in each phase, and how many rounds were right."""
    lines = [f"{'fault':<20}" + "".join(f"{phase:>12}" for phase in PHASES)]
    for fault in FAULTS:
        seen = [sum(one.faults[fault] for one in rounds if one.phase == phase) for phase in PHASES]
        lines.append(f"{fault:<20}" + "".join(f"{number:>12}" for number in seen))
    of = [[one for one in rounds if one.phase == phase] for phase in PHASES]
    right = [f"{sum(not one.wrong for one in ones)}/{len(ones)}" for ones in of]
    lines.append(f"{'one up is enough':<20}" + "".join(f"{cell:>12}" for cell in right))
    faults, asked = sum(one.faults.total() for one in rounds), sum(one.asked for one in rounds)
    lines.append(f"{faults} faults; the cluster's DNS was asked {asked} times meanwhile")
    return "\n".join([*lines, *(f"- {one}" for one in rounds if one.wrong)])


def main(arguments: list[str]) -> int:
    """Disturb for so many seconds; returns 1 if something was wrong."""
    end = time.monotonic() + float(arguments[0])
    first = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(1_000_000)
    rounds: list[Round] = []
    with stack_of_its_own() as stack:
        kills = Kills(stack, stack.folder, many=30)
        for seed in count(first):
            if time.monotonic() > end:
                break
            phase = (FIRST, MORE, SWITCH, DESTROY)[seed % 4]
            if phase == FIRST:
                stack.destroy()
            rounds.append(disturbed(kills, phase, RATES[seed % len(RATES)], seed))
            pulumis.end_all(stack.lab.directory, print)
            print(rounds[-1], flush=True)  # noqa: T201 - a program on the command line
    print(as_table(rounds))  # noqa: T201 - as above
    return 1 if any(one.wrong for one in rounds) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
