"""What previews and `up` of many projects cost, for all contestants in turn, on one lab of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.contestants import (
    BARE,
    FIRST,
    NO_OP,
    UP,
    Contestant,
    contestants,
    who_can,
)
from benchmarks.measuring import Cost, in_turns
from lab.lab import Lab

EXPENSIVE = 1_000
"""From so many projects on, a bare `up`, which takes minutes, is run less often."""
FEWER = 2


def measured(lab: Lab, folder: Path, sizes: tuple[int, ...], runs: int, say: Callable[[str], object]) -> Any:
    """Return number of projects → what is measured → contestant → costs.

    Args:
        lab: a lab that runs, and has nothing in it.
        folder: an empty folder.
        sizes: the numbers of projects.
        runs: how often each contestant runs.
        say: takes progress.
    """
    say("Argo CD, by this program and by the bare one")
    everybody = contestants(lab, folder)
    return {str(size): _of_size(everybody, size, runs, say) for size in sizes}


def _of_size(
    everybody: Mapping[str, Contestant], size: int, runs: int, say: Callable[[str], object]
) -> dict[str, Any]:
    for one in everybody.values():
        one.declare(size)
        one.take_away()
    found: dict[str, dict[str, list[Cost]]] = {}
    for measure in (FIRST, UP, NO_OP):
        say(f"{size:,} projects: {measure}")
        who = {name: everybody[name] for name in who_can(measure, everybody)}
        fewer = {BARE: min(FEWER, runs)} if measure == UP and size >= EXPENSIVE else {}
        turns = {name: _turn(one, measure) for name, one in who.items()}
        found[measure] = in_turns(turns, runs, fewer)
    return {
        measure: {name: [one.as_data() for one in costs] for name, costs in by_name.items()}
        for measure, by_name in found.items()
    }


def _turn(one: Contestant, measure: str) -> Callable[[], Cost]:
    def turn() -> Cost:
        if measure == UP:
            one.take_away()
        return one.run(measure)

    return turn
