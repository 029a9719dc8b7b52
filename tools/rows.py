"""Rows for a terminal: what was looked at, and what was seen there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from components.stackfile.problems import wrapped


class Mark(StrEnum):
    """What was seen, in a word."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Row:
    """A thing that a run needs."""

    mark: Mark
    what: str
    """What was looked at: `API server`."""
    seen: str
    """What was seen there, as sentences; never a secret."""
    fix: str = ""
    """What to do about it; "" where nothing has to be done."""
    command: str = ""
    """What a person may copy: it stays on one line."""


def row_lines(rows: Sequence[Row], width: int) -> list[str]:
    """Return the rows of the table alone."""
    marks, names = (max(map(len, column), default=0) for column in ([*Mark], [row.what for row in rows]))
    indent = " " * (2 + marks + 2 + names + 2)
    width = max(width, len(indent) + 40)
    lines: list[str] = []
    for row in rows:
        lines += wrapped(row.seen, f"  {row.mark:{marks}}  {row.what:{names}}  ", indent, width)
        lines += wrapped(f"fix: {row.fix}", indent, indent, width) if row.fix else []
        lines += [f"{indent}{row.command}"] if row.command else []
    return lines
