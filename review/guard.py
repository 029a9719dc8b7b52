"""Which changes must not be merged by accident: the deletion or replacement of what others depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from review.changes import Change, Operation, Preview
from review.words import Kind, kind, takes_crds_along

ALLOWED = "allow-deletion"
"""The label on a merge request whose author has meant it."""

_WHY = {
    Kind.DNS_LAYER: "the cluster no longer resolves the names in its zones, for Argo CD or for anybody else",
    Kind.ARGO_CD: "while Argo CD is away, nothing of any project is deployed or repaired",
    Kind.NAMESPACE: "everything in a namespace goes with it, also what this stack does not know",
    Kind.CRD: "every object of this kind in the cluster goes with it",
}
_CRDS = (
    "Argo CD's CRDs go with it (`crds.keep: false`), and with them every Application in the cluster, also "
    "those that this stack does not know"
)
_PROTECTED = (
    "it is protected (`protect: true`), and the engine refuses, whatever labels there are: first merge and "
    "apply a change that only takes `protect` out, then this one"
)


@dataclass(frozen=True)
class Refusal:
    """A change that needs the label, and why."""

    change: Change
    why: str


@dataclass(frozen=True)
class Verdict:
    """What the guard says of a preview."""

    found: Sequence[Refusal] = ()
    allowed: bool = False
    """Whether somebody has said that it is meant."""

    @property
    def refuses(self) -> bool:
        """Whether the job has to fail."""
        return bool(self.found) and not self.allowed


def refusals(preview: Preview) -> list[Refusal]:
    """Return the changes that need the label, in the engine's order.

    What outlives its deletion from the stack is not deleted, and so not guarded.
    """
    return [Refusal(change, why) for change in preview.changes if (why := _reason(change))]


def _reason(change: Change) -> str:
    if takes_crds_along(change):
        return _CRDS
    is_deletion = change.operation in {Operation.DELETE, Operation.REPLACE} and not change.retained
    is_there = change.old.get("present") is not False  # a DNS layer that the cluster does not have
    if not (is_deletion and is_there):
        return ""
    return _PROTECTED if change.protected else _WHY.get(kind(change), "")
