"""Let everything fail that can, one kind of fault after the other, and see what one plain `up` makes of it.

`python -m tests.engine.chaos SECONDS` (`make chaos`) returns 1 if anything was lost, doubled or left behind.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count

from tests.engine.chaos import answers, clock, disk, killed, others, reloads, supervisor
from tests.engine.chaos.rounds import Round, as_table, played
from tests.engine.chaos.stage import Fault
from tests.engine.kills import FIRST, PHASES, Kills, stack_of_its_own

FAULTS: tuple[Fault, ...] = (
    *killed.FAULTS,
    *answers.FAULTS,
    *others.FAULTS,
    *reloads.FAULTS,
    *disk.FAULTS,
    *clock.FAULTS,
    *supervisor.FAULTS,
)
_MANY = 80
"""How many Applications one of the phases adds."""


def in_turn(faults: Sequence[Fault]) -> Iterator[tuple[str, Fault]]:
    """Yield the phases in the order of a stack's life, again and again, each time with another fault."""
    for life in count():
        for number, phase in enumerate(PHASES):
            fitting = [fault for fault in faults if phase in fault.phases]
            if fitting:
                begins = number * len(fitting) // len(PHASES)  # so that a short run meets many kinds
                yield phase, fitting[(life + begins) % len(fitting)]


def main() -> int:
    """Let faults strike for so many seconds; returns 1 if something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, help="after which no other round begins")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--only", default="", help="only kinds of fault in whose names this pattern is")
    chosen = parser.parse_args()
    end = time.monotonic() + chosen.seconds
    faults = [fault for fault in FAULTS if re.search(chosen.only, fault.name)]
    for fault in faults:
        if reason := fault.missing():
            print(f"NOT TRIED: {fault.name}: {reason}")  # noqa: T201 - a program on the command line
    faults = [fault for fault in faults if not fault.missing()]
    rounds: list[Round] = []
    left: list[str] = []
    with stack_of_its_own() as stack:
        original = stack.corefiles()
        kills = Kills(stack, stack.folder, many=_MANY)
        for seed, (phase, fault) in zip(count(chosen.seed), in_turn(faults), strict=False):
            if time.monotonic() > end:
                break
            if phase == FIRST:
                stack.destroy()
                left += [layer for layer, text in stack.corefiles().items() if text != original[layer]]
            rounds.append(played(kills, fault, phase, seed))
            print(rounds[-1], flush=True)  # noqa: T201 - a program on the command line
    print(as_table(rounds))  # noqa: T201 - as above
    if left:
        print(f"`destroy` has left another Corefile than it found: {', '.join(left)}")  # noqa: T201 - as above
    return 1 if left or any(one.wrong for one in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
