"""What an edit of a Corefile costs, by its size, and to find out whom it takes an answer from.

The cost per server block should stay as it is with ten of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from benchmarks.measuring import in_turns
from components.dns.corefile import Directive, ServerBlock, cut, parse, splice
from components.dns.effect import cluster_zones, effect
from components.dns.view import view

SIZES = (10, 1_000, 10_000)
_LEAST_SECONDS = 0.05
_ROOT = ".:53 {\n    errors\n    cache 30\n    forward . /etc/resolv.conf\n}\n"
_BLOCK = """\
zone{number}.example.org:53 {{
    errors
    cache 30
    forward . 10.0.0.1
}}
"""
"""Ten thousand of them are a mebibyte, which is the most that a ConfigMap holds."""
OURS = ServerBlock(
    ("protobox:53",),
    (Directive("errors"), Directive("cache", ("30",)), Directive("forward", (".", "192.168.1.7"))),
    comment="protobox-cd, stack dev",
)


def corefile(blocks: int) -> str:
    """Return a Corefile of so many server blocks."""
    return _ROOT + "".join(_BLOCK.format(number=number) for number in range(blocks - 1))


def seconds(action: Callable[[], object]) -> float:
    """Return the processor time of an action; a quick one is done a few times."""
    times, began = 0, time.process_time()
    while (taken := time.process_time() - began) < _LEAST_SECONDS or not times:
        action()
        times += 1
    return round(taken / times, 6)


def measured(sizes: tuple[int, ...], runs: int) -> dict[str, dict[str, list[float]]]:
    """Return number of server blocks → action → processor seconds of each run."""
    return {str(size): _of_size(size, runs) for size in sizes}


def _of_size(size: int, runs: int) -> dict[str, list[float]]:
    text = corefile(size)
    edited = splice(text, [OURS])
    seen = view(text, {})
    actions: dict[str, Callable[[], object]] = {
        "parse": lambda: parse(text),
        "splice": lambda: splice(text, [OURS]),
        "cut": lambda: cut(edited, parse(edited).server_blocks[-1:]),
        "effect": lambda: effect(OURS, seen, cluster_zones(seen.corefile)),
    }
    return in_turns({name: partial(seconds, action) for name, action in actions.items()}, runs)
