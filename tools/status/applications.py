"""The Applications of a stack as a table: what the stack file declares beside what Argo CD says of it.

Columns fit, what is wrong stands below them, and many fine ones are in one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from components.cluster.api import Reader
from components.cluster.objects import MARK, applications
from components.projects.application import Application
from components.projects.application_status import ApplicationStatus, application_status
from components.projects.causes import cause_of, in_short, is_passing, listed
from components.stackfile.problems import wrapped
from tools.command_line import painted

_ABSENT = ApplicationStatus("", sync="-", health="-")
MANY = 40
"""Of more Applications, only those are rows that somebody has to look at."""
_HEAD = ("APPLICATION", "REVISION", "DEPLOYED", "SYNC", "HEALTH", "SINCE")
_LAST = "LAST ERROR"
_WIDE_ENOUGH = 24
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (0, "s"))
_INDENT = "    "


@dataclass(frozen=True)
class ApplicationRow:
    """An Application of the stack."""

    name: str
    namespace: str
    status: ApplicationStatus
    error: str = ""
    """What is wrong, in words; "" if nothing is."""
    words: str = ""
    """Argo CD's own words about it."""
    fix: str = ""
    note: str = ""
    """What else has to be known of it, without being wrong."""

    @property
    def is_fine(self) -> bool:
        """Whether nobody has to look at it."""
        is_done = self.status.sync == "Synced" and self.status.health == "Healthy"
        return is_done and not (self.error or self.note)

    @property
    def state(self) -> str:
        """How it is, in a few words."""
        if not self.status.name:
            return "not in the cluster"
        return f"{self.status.sync} {self.status.health}" if self.status.looked_at else "not looked at yet"

    def as_json(self) -> dict[str, Any]:
        """Return it as data for a program; times are Kubernetes', "" for what is not known."""
        status = self.status
        return {
            "name": self.name,
            "namespace": self.namespace,
            "revision": status.revision,
            "deployed": status.deployed,
            "sync": "" if status.sync == "-" else status.sync,
            "health": "" if status.health == "-" else status.health,
            "since": status.since,
            "degraded": bool(self.error),
            "error": self.error,
            "message": self.words,
            "fix": self.fix,
            "note": self.note,
        }


def read_applications(
    reader: Reader, declared: Sequence[Application], argocd: str
) -> list[Mapping[str, Any]]:
    """Return the Applications in the namespaces that the stack declares some in, and in Argo CD's.

    Raises:
        ClusterError: the API server does not answer, or forbids it.
    """
    namespaces = dict.fromkeys([argocd, *(_namespace(each) for each in declared)])
    return [item for namespace in namespaces for item in applications(reader, namespace)]


def application_rows(
    declared: Sequence[Application],
    there: Iterable[Mapping[str, Any]],
    stack: str,
    *,
    discovers: bool = False,
) -> list[ApplicationRow]:
    """Return the rows in the order of the stack file, and behind them what else the stack has declared.

    `there` are the Applications that the cluster has. With `discovers` GitLab, which is not asked here, names
    further projects of the stack.
    """
    found = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in there}
    rows = [_row(each, found.pop((_namespace(each), each.name), None), stack) for each in declared]
    others = [item for item in found.values() if _owner(item) == stack]
    return [*rows, *(_of_cluster(item) if discovers else _left_over(item) for item in others)]


def _namespace(application: Application) -> str:
    return str(application.manifest["metadata"]["namespace"])


def _row(declared: Application, item: Mapping[str, Any] | None, stack: str) -> ApplicationRow:
    place = (declared.name, _namespace(declared))
    if item is None:
        return ApplicationRow(*place, _ABSENT, "it is not in the cluster", "", "run `pulumi up`")
    if (owner := _owner(item)) != stack:
        who = f"the stack {owner}" if owner else "no stack"
        fix = "`make preview` tells how to take it over, or to call it otherwise"
        what = f"it is there, but {who} has declared it"
        return ApplicationRow(*place, application_status(item), what, "", fix)
    return _of_cluster(item)


def _wrong(status: ApplicationStatus) -> tuple[str, str, str]:
    """Return what is wrong, Argo CD's words and what helps; nothing for one that is not degraded."""
    if not status.degraded:
        return "", "", ""
    words = in_short(status.last_error)
    if not words:
        what = f"it is synced, and its health is {status.health}"
        return what, "", "look at its objects on its page in Argo CD, or with kubectl describe"
    if is_passing(status.last_error):
        return "Argo CD is not ready itself", words, "wait a minute; then look at Argo CD's pods"
    cause = cause_of(status.last_error)
    return cause.what, words, cause.fix


def _note(status: ApplicationStatus) -> str:
    if not status.looked_at:
        return "Argo CD has not looked at it yet"
    if status.operation == "Running":
        return "it is being synchronised"
    return ""


def _left_over(item: Mapping[str, Any]) -> ApplicationRow:
    metadata, note = item["metadata"], "the stack file has it no longer: the next `pulumi up` takes it away"
    return ApplicationRow(metadata["name"], metadata["namespace"], application_status(item), note=note)


def _of_cluster(item: Mapping[str, Any]) -> ApplicationRow:
    metadata, status = item["metadata"], application_status(item)
    return ApplicationRow(
        metadata["name"], metadata["namespace"], status, *_wrong(status), note=_note(status)
    )


def _owner(item: Mapping[str, Any]) -> str:
    return str((item["metadata"].get("annotations") or {}).get(MARK, ""))


def table(
    rows: Sequence[ApplicationRow], now: datetime, *, width: int, colour: bool, everything: bool = False
) -> list[str]:
    """Return the lines of the table and of what is wrong; names and single words may be longer than `width`.

    Ages are counted to `now`. With `everything` also many fine Applications are a row each.
    """
    shown = [row for row in rows if everything or len(rows) <= MANY or not row.is_fine]
    cells = [_cells(row, now) for row in shown]
    lines = list(_table(shown, cells, width, colour=colour)) if shown else []
    if hidden := len(rows) - len(shown):
        lines += [f"{hidden} more are synced and healthy (ARGS=--all shows them)"]
    return [*lines, "", _counted(rows), *_errors(rows, width), *_notes(rows, width)]


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


def _errors(rows: Sequence[ApplicationRow], width: int) -> Iterator[str]:
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
