"""The rows as text for a person, and as JSON for a program."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from review.preflight.rows import Mark, Row

_COLOURS = {Mark.OK: "32", Mark.WARNING: "33", Mark.FAILED: "31", Mark.SKIPPED: "2"}
_NARROWEST = 40


def as_text(title: str, rows: Sequence[Row], *, width: int, colour: bool) -> str:
    """Return the table and a last line with the outcome; long texts go on in the next line.

    Args:
        title: the line above the table.
        rows: the rows.
        width: how many characters a line should have at most; single words may be longer.
        colour: whether the marks are painted.
    """
    marks, names = (max(map(len, column)) for column in ([*Mark], [row.what for row in rows]))
    indent = 2 + marks + 2 + names + 2
    lines = [title, ""]
    for row in rows:
        mark = row.mark.ljust(marks)
        if colour:
            mark = f"\033[{_COLOURS[row.mark]}m{mark}\033[0m"
        told = _wrapped(row.seen, "", width - indent)
        told += _wrapped(row.fix, "fix: ", width - indent) if row.fix else []
        lines.append(f"  {mark}  {row.what.ljust(names)}  {told[0]}".rstrip())
        lines += [" " * indent + line for line in told[1:]]
    return "\n".join([*lines, "", outcome(rows)])


def outcome(rows: Sequence[Row]) -> str:
    """Return how it went, in one line."""
    failed, warned = ([row for row in rows if row.mark is mark] for mark in (Mark.FAILED, Mark.WARNING))
    warnings = f", {len(warned)} warning{'s' * (len(warned) != 1)}" if warned else ""
    if failed:
        return f"{len(failed)} of {len(rows)} failed{warnings}; nothing was changed"
    return f"nothing is in the way{warnings}"


def as_json(stack: str, purpose: str, rows: Sequence[Row]) -> str:
    """Return `{"stack", "for", "ok", "rows": [{"mark", "what", "seen", "fix"}]}`."""
    ok = all(row.mark is not Mark.FAILED for row in rows)
    return json.dumps(
        {"stack": stack, "for": purpose, "ok": ok, "rows": [asdict(row) for row in rows]},
        indent=2,
        ensure_ascii=False,
    )


def _wrapped(text: str, label: str, width: int) -> list[str]:
    lines: list[str] = []
    for number, line in enumerate(text.splitlines() or [""]):
        lines += textwrap.wrap(
            line,
            max(width, _NARROWEST),
            initial_indent=label if number == 0 else " " * len(label),
            subsequent_indent=" " * len(label),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines
