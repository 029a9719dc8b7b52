"""What an edit of a Corefile costs, by its size: `make bench`.

CPU time, the best of a few runs, so that what else the machine does counts little. The cost per server
block should stay as it is with ten of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from components.dns.corefile import Directive, ServerBlock, cut, parse, splice

SIZES = (10, 1_000, 10_000)
_LEAST_SECONDS = 1.0
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
    """Return the CPU time of the quickest of some runs of `action`."""
    runs: list[float] = []
    while sum(runs) < _LEAST_SECONDS:
        began = time.process_time()
        action()
        runs.append(time.process_time() - began)
    return min(runs)


def main() -> None:
    """Measure and print."""
    table = Table("server blocks", "parse", "splice", "cut", "splice, each block", "against 10", box=None)
    for column in table.columns:
        column.justify = "right"
    baseline = 0.0
    for size in SIZES:
        text = corefile(size)
        edited = splice(text, [OURS])
        parsing, splicing, cutting = (
            seconds(action)
            for action in (
                lambda text=text: parse(text),
                lambda text=text: splice(text, [OURS]),
                lambda edited=edited: cut(edited, parse(edited).server_blocks[-1:]),
            )
        )
        each = splicing / size
        baseline = baseline or each
        table.add_row(
            f"{size:,}",
            *(f"{one * 1000:.1f} ms" for one in (parsing, splicing, cutting)),
            f"{each * 1e6:.0f} µs",
            f"{each / baseline:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
