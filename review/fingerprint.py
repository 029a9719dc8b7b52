"""What a merge request has shown, in a few signs for each change, so that `up` can compare itself with it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection

from review.changes import Change, Operation, Preview
from review.details import is_drift, leaves, zones
from review.markdown import plain
from review.words import MARKS, QUIET, Kind, kind, subject

_STAMP = re.compile(r"<!-- protobox-cd:shown ([0-9a-f ]*)-->")


def fingerprints(preview: Preview) -> dict[str, str]:
    """Return each change's fingerprint, and the change in words.

    A preview without the cluster has the same ones, as far as the stack file and the state decide.
    """
    return {
        _hashed(_essence(change)): plain(f"{MARKS[change.operation]} {subject(change, preview)}")
        for change in preview.changes
        if kind(change) not in QUIET
    }


def together(prints: Collection[str]) -> str:
    """Return the fingerprint of all changes."""
    return _hashed(sorted(prints))


def stamp(preview: Preview) -> str:
    """Return the line, which nobody sees, that tells what a note has shown."""
    return f"<!-- protobox-cd:shown {' '.join(fingerprints(preview))} -->"


def stamped(text: str) -> set[str]:
    """Return the fingerprints of what a note has shown."""
    return {one for found in _STAMP.findall(text) for one in found.split()}


def _essence(change: Change) -> list[object]:
    # What is taken over is shown as added where the cluster was not asked.
    operation = Operation.ADD if change.operation is Operation.ADOPT else change.operation
    what: list[object] = [operation.value, change.type, change.name]
    if kind(change) is Kind.DNS_LAYER:
        return [*what, zones(change.old), zones(change.new), is_drift(change)]
    if operation is Operation.DELETE:
        return what
    old, new = (set(map(str, leaves(side))) for side in (change.old, change.new))
    # A secret that changes looks the same on both sides; then the engine's word for it counts.
    return [*what, sorted(old ^ new) or sorted(change.paths)]


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:10]
