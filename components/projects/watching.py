"""Follow Applications until Argo CD has compared, synchronised or healed them, or has said why it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.cluster.api import Reader
from components.cluster.live import NO_CONTROLLER, why_nobody_looks
from components.cluster.objects import list_path, path_of
from components.projects.application_status import REFRESH, ApplicationStatus, application_status
from components.projects.causes import Failure, as_error, is_passing, listed

_WATCHED = 15.0
"""After how many seconds of a watch everything is read again, and what is still open is told."""
_MOMENT = 10.0
"""For how many seconds an Argo CD that may be none is waited for."""
_OTHERS = 2.0
"""For how many seconds further errors are collected once there is one, so that they are told together."""
_AGAIN = 15.0
"""After how many seconds a synchronisation that had failed before counts, since nobody has tried again."""
_SHOWN = 10
"""Of how many Applications each move is a line; of more, only how many have come how far."""
_BETWEEN_COUNTS = 5.0

Say = Callable[[str], object]


@dataclass(frozen=True)
class Goal:
    """How far one Application has to come."""

    name: str
    namespace: str
    until: str
    """`compared`, `synced` or `healthy`."""
    seconds: float
    place: str = ""
    """Where it is declared: `protobox-cd:projects.docserver`."""


def follow(context: str, argocd: str, goals: Sequence[Goal], say: Say) -> None:
    """Ask Argo CD, in the namespace `argocd`, to look at each Application; return when all are far enough.

    Where nobody looks at Applications at all, a line says so, and nothing is waited for.

    Raises:
        ClusterError: Argo CD says that one cannot be compared or synchronised, or the time is over; or the
            cluster does not answer.
    """
    if not goals:
        return
    lines = _Lines(say, len(goals))
    with Reader(context) as reader:
        followed = [_Followed(goal) for goal in goals]
        for each in followed:
            each.ask(reader)
        for namespace in dict.fromkeys(goal.namespace for goal in goals):
            here = {each.goal.name: each for each in followed if each.goal.namespace == namespace}
            if idle := _follow(reader, argocd, namespace, here, lines):
                for each in followed:
                    each.forget(reader)
                names = listed([goal.name for goal in goals])
                say(f"warning: whether Argo CD can compare {names} is not known: {idle}")
                return
    if lines.count > _SHOWN:
        lines.counted(followed, now=True)
    if failures := [each.failed() for each in followed if not each.done]:
        raise as_error(failures, len(goals), lines.seconds)


class _Followed:
    """One Application on its way."""

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self.status: ApplicationStatus | None = None
        self.failure = ""
        self.done = False
        self.looked: float | None = None
        """When Argo CD has looked at it since it was asked to."""
        self._path = path_of("Application", goal.namespace, goal.name)
        self._earlier = ""

    @property
    def is_open(self) -> bool:
        return not (self.done or self.failure)

    def ask(self, reader: Reader) -> None:
        """Ask Argo CD to look at it now: else it holds an error of the repository back for minutes."""
        found = reader.merge(self._path, {"metadata": {"annotations": {REFRESH: "normal"}}})
        self._earlier = application_status(found).operation_began if found else ""

    def forget(self, reader: Reader) -> None:
        """Take the question back."""
        reader.merge(self._path, {"metadata": {"annotations": {REFRESH: None}}})

    def take(self, item: Mapping[str, Any] | None) -> None:
        """Take into account what the cluster has now; None: it is gone."""
        if item is None:
            self.failure = self.failure or "it is no longer in the cluster"
            return
        self.status = status = application_status(item)
        if status.refreshing:
            return
        self.looked = self.looked or time.monotonic()
        failure = status.failure(self.goal.until)
        is_earlier = failure and not status.errors and status.operation_began == self._earlier
        if is_earlier and time.monotonic() - self.looked < _AGAIN:
            failure = ""
        self.failure = "" if is_passing(failure) else failure
        self.done = not self.failure and status.has_reached(self.goal.until)

    def failed(self) -> Failure:
        """Return why it has not come as far as it has to."""
        status = self.status
        words = self.failure or (status.last_error if status else "")
        late = f"after {self.goal.seconds:.0f} s Argo CD has not looked at it"
        if self.looked:
            late = f"after {self.goal.seconds:.0f} s it is {status}, and not {self.goal.until}"
        return Failure(self.goal.name, self.goal.place, words, "" if self.failure else late)


class _Lines:
    """Says what moves: each Application of a few, and counts of many."""

    def __init__(self, say: Say, count: int) -> None:
        self._say = say
        self.count = count
        self._began = self._last = time.monotonic()
        self._said: dict[str, str] = {}

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def moved(self, each: _Followed) -> None:
        if self.count <= _SHOWN and each.looked and self._said.get(each.goal.name) != str(each.status):
            self._said[each.goal.name] = str(each.status)
            self._say(f"{each.goal.name}: {each.status}, after {self.seconds:.0f} s")

    def counted(self, followed: Iterable[_Followed], *, now: bool = False) -> None:
        waiting = [each.goal.name for each in followed if each.is_open]
        due = time.monotonic() - self._last >= (_BETWEEN_COUNTS if self.count > _SHOWN else _WATCHED - 1)
        if now or (due and waiting):
            self._last = time.monotonic()
            rest = f", waiting for {listed(waiting)}" if waiting else ""
            done = self.count - len(waiting)
            self._say(f"Argo CD is done with {done} of {self.count} after {self.seconds:.0f} s{rest}")


def _follow(
    reader: Reader, argocd: str, namespace: str, followed: Mapping[str, _Followed], lines: _Lines
) -> str:
    """Follow the Applications of one namespace; returns why nobody looks at any, "" if somebody does."""
    path = list_path("Application", namespace)
    failed: float | None = None
    while True:
        read = reader.get(path) or {}
        there = {item["metadata"]["name"]: item for item in read.get("items") or []}
        for name, each in followed.items():
            each.take(there.get(name))
            lines.moved(each)
        nobody_yet = not any(each.looked for each in followed.values())
        idle = why_nobody_looks(reader, argocd) if nobody_yet else ""
        if idle == NO_CONTROLLER or (idle and lines.seconds > _MOMENT):
            return idle
        if any(each.failure for each in followed.values()):
            failed = failed or time.monotonic()
        open_ones = [each for each in followed.values() if each.is_open]
        left = max((each.goal.seconds - lines.seconds for each in open_ones), default=0.0)
        if failed:
            left = min(left, failed + _OTHERS - time.monotonic())
        if left <= 0:
            return ""
        lines.counted(followed.values())
        version = str((read.get("metadata") or {}).get("resourceVersion") or "")
        span = min(left, _MOMENT / 2 if nobody_yet else _WATCHED)
        _watch(reader.watch(path, version, span), followed, lines, time.monotonic() + span)


def _watch(
    events: Iterable[Mapping[str, Any]], followed: Mapping[str, _Followed], lines: _Lines, end: float
) -> None:
    """Take events until something is decided, or the time is over."""
    for event in events:
        item = event.get("object") or {}
        each = followed.get((item.get("metadata") or {}).get("name", ""))
        if each and event.get("type") != "ERROR":
            each.take(None if event["type"] == "DELETED" else item)
            lines.moved(each)
            lines.counted(followed.values())
            if each.failure or not any(other.is_open for other in followed.values()):
                return
        if event.get("type") == "ERROR" or time.monotonic() > end:
            return
