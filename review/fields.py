"""What differs between a resource's inputs before and afterwards, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.changes import SECRET, Change
from review.markdown import code

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine prints for text that is known only after `up`."""

_ABSENT = object()
_LONGEST = 60
_NAMES = {
    "spec.source.repoURL": "repository",
    "spec.source.targetRevision": "revision",
    "spec.source.path": "path",
    "spec.source.chart": "chart",
    "spec.project": "AppProject",
    "repositoryOpts.repo": "chart repository",
}
"""Field → what the stack file calls it."""


@dataclass(frozen=True)
class Difference:
    """One field that differs."""

    path: str
    """As the engine names it: `spec.source.targetRevision`, `metadata.labels["app.kubernetes.io/name"]`."""
    old: Any = _ABSENT
    new: Any = _ABSENT

    def __str__(self) -> str:
        """Return the difference as Markdown: `revision`: `CD` → `main`."""
        name = code(_NAMES.get(self.path, self.path.removeprefix("spec.")))
        if SECRET in (self.old, self.new):
            return f"{name} (secret) changes"
        if self.old is self.new:
            return f"{name} changes"
        if self.old is _ABSENT:
            return f"{name}: {value(self.new)} is new"
        if self.new is _ABSENT:
            return f"{name}: {value(self.old)} goes"
        return f"{name}: {value(self.old)} → {value(self.new)}"


def value(told: Any) -> str:
    """Return a field's value as Markdown."""
    match told:
        case str() if UNKNOWN in told:
            return "*known after `up`*"
        case bool():
            return code(str(told).lower())
        case None:
            return code("null")
        case _:
            return code(str(told), _LONGEST)


def differences(change: Change) -> list[Difference]:
    """Return what differs, in the order of the fields; a new or a deleted resource has no differences.

    A secret that changes looks the same before and afterwards; then the engine's word counts.
    """
    if not change.old or not change.new:
        return []
    old, new = dict(leaves(change.old)), dict(leaves(change.new))
    found = [
        Difference(path, old.get(path, _ABSENT), new.get(path, _ABSENT))
        for path in dict.fromkeys([*old, *new])
        if old.get(path, _ABSENT) != new.get(path, _ABSENT)
    ]
    for path in change.paths:
        if not any(one.path.startswith(path) or path.startswith(one.path) for one in found):
            secret = any(leaf == SECRET for place, leaf in new.items() if _within(place, path))
            found.append(Difference(path, SECRET, SECRET) if secret else Difference(path))
    return found


def leaves(told: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value that is no mapping and no list, or an empty one, with its path."""
    if isinstance(told, Mapping) and told:
        for key, inner in told.items():
            plain = re.fullmatch(r"[A-Za-z0-9_-]+", key)
            step = (f".{key}" if path else key) if plain else f'["{key}"]'
            yield from leaves(inner, path + step)
    elif isinstance(told, list) and told:
        for number, inner in enumerate(told):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        yield path, told


def _within(place: str, path: str) -> bool:
    return place.startswith(path) or path.startswith(place)
