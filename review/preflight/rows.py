"""What the preflight tells: a row for each thing that a run needs, and all of them as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from tools.command_line import Mark, Row, row_lines


@dataclass(frozen=True)
class Check:
    """Looks at something, and may hang for ever: `late` is then the mark of its row, and `fix` is in it."""

    what: str
    look: Callable[[], Sequence[Row]]
    fix: str
    late: Mark = Mark.FAILED


def look_at(checks: Sequence[Check], seconds: float) -> list[Row]:
    """Return the rows of all checks, which look at the same time, in their order.

    Threads that hang are left behind: whoever calls this ends the process without waiting for them.
    """
    pool = ThreadPoolExecutor(len(checks))
    looking = [pool.submit(check.look) for check in checks]
    wait(looking, seconds)
    pool.shutdown(wait=False)
    rows: list[Row] = []
    for check, found in zip(checks, looking, strict=True):
        late = Row(check.late, check.what, f"no answer within {seconds:g} s", check.fix)
        rows += found.result() if found.done() else [late]
    return rows


def as_text(title: str, rows: Sequence[Row], width: int) -> str:
    """Return the table, lines as long as `width` but for long words, and below it how it went."""
    failed, warned = (sum(row.mark is mark for row in rows) for mark in (Mark.FAILED, Mark.WARNING))
    warnings = f", {warned} warning{'s' * (warned != 1)}" if warned else ""
    went = f"{failed} of {len(rows)} failed" if failed else "nothing is in the way"
    went += f"{warnings}{'; nothing was changed' if failed else ''}"
    return "\n".join([title, "", *row_lines(rows, width), "", went])
