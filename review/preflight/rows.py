"""What the preflight tells: a row for each thing that a run needs, and all of them as text."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread


class Mark(StrEnum):
    """What was seen, in a word."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    SKIPPED = "skipped"


_COLOURS = {Mark.OK: "32", Mark.WARNING: "33", Mark.FAILED: "31", Mark.SKIPPED: "2"}
_NARROWEST = 40


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


@dataclass(frozen=True)
class Check:
    """Looks at something, and may hang for ever: `late` is then the mark of its row, and `fix` is in it."""

    what: str
    look: Callable[[], Sequence[Row]]
    fix: str
    late: Mark = Mark.FAILED


def look_at(checks: Sequence[Check], seconds: float) -> list[Row]:
    """Return the rows of all checks, which look at the same time, in their order.

    Threads that hang are left behind: as daemons they do not keep the program from ending.
    """
    found: dict[Check, Sequence[Row] | BaseException] = {}

    def look(check: Check) -> None:
        try:
            found[check] = check.look()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it again
            found[check] = error

    end = time.monotonic() + seconds
    threads = [Thread(target=look, args=(check,), daemon=True) for check in checks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    rows: list[Row] = []
    for check in checks:
        seen = found.get(check, [Row(check.late, check.what, f"no answer within {seconds:g} s", check.fix)])
        if isinstance(seen, BaseException):
            raise seen
        rows += seen
    return rows


def as_text(title: str, rows: Sequence[Row], *, width: int, colour: bool) -> str:
    """Return the table, lines as long as `width` but for long words, and below it how it went."""
    failed, warned = ([row for row in rows if row.mark is mark] for mark in (Mark.FAILED, Mark.WARNING))
    warnings = f", {len(warned)} warning{'s' * (len(warned) != 1)}" if warned else ""
    went = f"{len(failed)} of {len(rows)} failed" if failed else "nothing is in the way"
    lines = [title, "", *row_lines(rows, width=width, colour=colour), ""]
    return "\n".join([*lines, f"{went}{warnings}{'; nothing was changed' if failed else ''}"])


def row_lines(rows: Sequence[Row], *, width: int, colour: bool) -> list[str]:
    """Return the rows of the table alone."""
    marks, names = (max(map(len, column), default=0) for column in ([*Mark], [row.what for row in rows]))
    indent = " " * (2 + marks + 2 + names + 2)
    lines: list[str] = []
    for row in rows:
        told = wrapped(row.seen, indent, width)
        told += wrapped(f"fix: {row.fix}", indent, width) if row.fix else []
        told += [f"{indent}{row.command}"] if row.command else []
        mark = row.mark.ljust(marks)
        mark = f"\033[{_COLOURS[row.mark]}m{mark}\033[0m" if colour else mark
        lines += [f"  {mark}  {row.what.ljust(names)}  {told[0].strip()}".rstrip(), *told[1:]]
    return lines


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """Return a text in lines that begin with `indent`, as long as `width` but for long words."""
    wrapper = textwrap.TextWrapper(
        max(width, len(indent) + _NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line for paragraph in text.splitlines() or [""] for line in wrapper.wrap(paragraph) or [""]]
