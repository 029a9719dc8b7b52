"""A row for each Application of a stack: what the stack file declares beside what Argo CD says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.cluster.api import Reader
from components.cluster.objects import MARK, applications
from components.projects.application import Application
from components.projects.application_status import ApplicationStatus, application_status
from components.projects.causes import cause_of, in_short, is_passing

_ABSENT = ApplicationStatus("", sync="-", health="-")


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

    Args:
        declared: the stack file's Applications.
        there: the Applications that the cluster has.
        stack: the stack's name.
        discovers: whether GitLab, which is not asked here, names further projects of the stack.
    """
    found = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in there}
    rows = [_row(each, found.pop((_namespace(each), each.name), None), stack) for each in declared]
    others = [item for item in found.values() if _owner(item) == stack]
    return [*rows, *(_of_gitlab(item) if discovers else _left_over(item) for item in others)]


def _namespace(application: Application) -> str:
    return str(application.manifest["metadata"]["namespace"])


def _row(declared: Application, item: Mapping[str, Any] | None, stack: str) -> ApplicationRow:
    place = (declared.name, _namespace(declared))
    if item is None:
        return ApplicationRow(*place, _ABSENT, "it is not in the cluster", "", "run `pulumi up`")
    status = application_status(item)
    if (owner := _owner(item)) != stack:
        who = f"the stack {owner}" if owner else "no stack"
        fix = "`make preview` tells how to take it over, or to call it otherwise"
        return ApplicationRow(*place, status, f"it is there, but {who} has declared it", "", fix)
    return ApplicationRow(*place, status, *_wrong(status), note=_note(status))


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


def _of_gitlab(item: Mapping[str, Any]) -> ApplicationRow:
    metadata, status = item["metadata"], application_status(item)
    return ApplicationRow(
        metadata["name"], metadata["namespace"], status, *_wrong(status), note=_note(status)
    )


def _owner(item: Mapping[str, Any]) -> str:
    return str((item["metadata"].get("annotations") or {}).get(MARK, ""))
