"""What the preflight tells: one row for each thing that a run needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """What was seen, in one word."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Row:
    """One thing that a run needs."""

    mark: Mark
    what: str
    """What was looked at: `API server`."""
    seen: str
    """What was seen there, as sentences; never a secret."""
    fix: str = ""
    """What to do about it; "" where nothing has to be done."""
