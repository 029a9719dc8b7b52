"""The Applications as a table: columns that fit, what is wrong below it, many fine ones in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from components.projects.causes import listed
from components.stackfile.problems import wrapped
from tools.command_line import painted
from tools.status.applications import ApplicationRow

MANY = 40
"""Of more Applications, only those are rows that somebody has to look at."""
_HEAD = ("APPLICATION", "REVISION", "DEPLOYED", "SYNC", "HEALTH", "SINCE")
_LAST = "LAST ERROR"
_WIDE_ENOUGH = 24
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (0, "s"))
_INDENT = "    "


def table(
    rows: Sequence[ApplicationRow], now: datetime, *, width: int, colour: bool, everything: bool = False
) -> list[str]:
    """Return the lines of the table and of what is wrong.

    Args:
        rows: the Applications.
        now: the time that ages are counted to.
        width: how long lines may be; names and single words may be longer.
        colour: whether it is for a terminal that shows colours.
        everything: whether also many fine Applications are a row each.
    """
    shown = [row for row in rows if everything or len(rows) <= MANY or not row.is_fine]
    cells = [_cells(row, now) for row in shown]
    lines = list(_table(shown, cells, width, colour=colour)) if shown else []
    if hidden := len(rows) - len(shown):
        lines += [f"{hidden} more are synced and healthy (ARGS=--all shows them)"]
    return [*lines, "", _counted(rows), *_wrong(rows, width), *_notes(rows, width)]


def age(moment: str, now: datetime) -> str:
    """Return how long ago a moment of Kubernetes' was, in one unit; `-` for none."""
    if not moment:
        return "-"
    seconds = max(int((now - datetime.fromisoformat(moment)).total_seconds()), 0)
    size, unit = next(entry for entry in _UNITS if seconds >= 2 * entry[0] or not entry[0])
    return f"{seconds // (size or 1)} {unit}"


def _cells(row: ApplicationRow, now: datetime) -> tuple[str, ...]:
    status = row.status
    revision, deployed = status.short_revision or "-", age(status.deployed, now)
    return (row.name, revision, deployed, status.sync, status.health, age(status.since, now))


def _table(
    rows: Sequence[ApplicationRow], cells: Sequence[tuple[str, ...]], width: int, *, colour: bool
) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(_HEAD, *cells, strict=True)]
    room = width - sum(widths) - 2 * len(widths)
    has_room = room >= _WIDE_ENOUGH and any(row.error for row in rows)
    too_long = sum(widths) + 2 * (len(widths) - 1) > width
    if too_long:  # then a name has a line of its own, and the rest stands below it
        widths[0] = len(_INDENT) + len(_HEAD[0]) - 2
    yield painted(_line(_HEAD, widths) + (f"  {_LAST}" if has_room else ""), "2", colour=colour)
    for row, words in zip(rows, cells, strict=True):
        if too_long and len(words[0]) > widths[0]:
            yield words[0]
            words = ("", *words[1:])  # noqa: PLW2901 - what stands below
        error = f"  {_cut(row.error, room)}" if has_room else ""
        code = "31" if row.error else "" if row.is_fine else "33"
        yield painted((_line(words, widths) + error).rstrip(), code, colour=colour)


def _line(words: Sequence[str], widths: Sequence[int]) -> str:
    return (
        "  ".join(word.ljust(size) for word, size in zip(words, widths, strict=True))
        .rstrip()
        .ljust(sum(widths) + 2 * (len(widths) - 1))
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _counted(rows: Sequence[ApplicationRow]) -> str:
    states = Counter(row.state for row in rows)
    counts = ", ".join(f"{count} {state}" for state, count in states.most_common())
    count = len(rows)
    return f"{count} Application{'s' * (count != 1)}{f': {counts}' if counts else ''}"


def _wrong(rows: Sequence[ApplicationRow], width: int) -> Iterator[str]:
    """Yield what is wrong: what has the same cause together, with the words of the first."""
    causes: dict[tuple[str, str], list[ApplicationRow]] = {}
    for row in rows:
        if row.error:
            causes.setdefault((row.error, row.fix), []).append(row)
    for (error, fix), same in causes.items():
        yield ""
        yield from wrapped(f"{listed([row.name for row in same])}: {error}", "", "", width)
        if same[0].words:
            yield from wrapped(f"Argo CD: {same[0].words}", _INDENT, _INDENT, width)
        if fix:
            yield from wrapped(f"fix: {fix}", _INDENT, _INDENT, width)


def _notes(rows: Sequence[ApplicationRow], width: int) -> Iterator[str]:
    notes: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            notes.setdefault(row.note, []).append(row.name)
    if notes:
        yield ""
    for note, names in notes.items():
        yield from wrapped(f"{listed(names)}: {note}", "", "", width)
