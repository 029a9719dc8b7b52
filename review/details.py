"""What exactly happens to a resource, as Markdown: field by field, and zone by zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.argocd.values import value_at as at
from components.projects.cascade import without_cascade
from review.changes import SECRET, Change, Operation, items, mapping
from review.markdown import code
from review.words import Kind, inputs_of, kind

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine prints for text that is known only after `up`."""
_ABSENT = object()
_MOST_FIELDS = 6
_NAMES = {
    "spec.source.repoURL": "repository",
    "spec.source.targetRevision": "revision",
    "spec.source.path": "path",
    "spec.source.chart": "chart",
    "spec.project": "AppProject",
    "repositoryOpts.repo": "chart repository",
}
"""Field → what the stack file calls it."""
_OF_A_LAYER = ("zones", "stack", "also")
"""The inputs that decide what is written, as far as the stack file and this program do."""
_OF_A_ZONE = {"cacheSeconds": None, "policy": "random"}
"""Key of a zone besides its servers and names → what CoreDNS does without it."""


def explanation(change: Change) -> str:
    """Return what exactly happens to a resource."""
    told = list(_told(change))
    more = len(told) - _MOST_FIELDS
    return "; ".join([*told[:_MOST_FIELDS], *([f"and {more} more fields"] if more > 0 else [])])


def _told(change: Change) -> Iterator[str]:
    inputs, is_new = inputs_of(change), change.operation in {Operation.ADD, Operation.ADOPT}
    goes = change.operation is Operation.DELETE
    match kind(change):
        case _ if goes and change.retained:
            yield "it stays in the cluster; only this stack forgets it"
        case Kind.DNS_LAYER:
            yield from _of_a_layer(change)
        case Kind.PROOF:
            yield "" if goes else "`up` asks for the names from within the cluster"
        case Kind.APPLICATION if is_new:
            yield from _of_an_application(inputs)
        case Kind.APPLICATION if goes:
            along = "Argo CD **deletes its workload too** (`cascade`)"
            yield along if cascades(inputs) else "its workload keeps running"
        case Kind.ARGO_CD if is_new:
            yield f"chart {value(inputs.get('chart'))} {value(inputs.get('version') or 'newest')}"
            yield f"namespace {value(inputs.get('namespace'))}"
        case Kind.ARGO_CD if goes:
            kept = "the CRDs go too" if takes_crds_along(change) else "the CRDs stay"
            yield f"everything that its chart has installed goes; {kept}"
        case Kind.NAMESPACE if goes:
            yield "everything in it goes too"
        case Kind.SECRET if is_new:
            yield "its content is secret"
        case _:
            yield from differences(change)


def cascades(inputs: Mapping[str, Any]) -> bool:
    """Tell whether Argo CD deletes the workload of an Application with it."""
    finalizers = at(inputs, "metadata", "finalizers") or []
    return not isinstance(finalizers, list) or without_cascade(map(str, finalizers)) != finalizers


def takes_crds_along(change: Change) -> bool:
    """Tell whether Helm deletes Argo CD's CRDs: the chart drops them, and has not marked them to stay."""
    if kind(change) is not Kind.ARGO_CD or at(change.old, "values", "crds", "keep") is not False:
        return False
    is_off = at(change.new, "values", "crds", "install") is False
    return change.operation in {Operation.DELETE, Operation.REPLACE} or (bool(change.new) and is_off)


def _of_an_application(inputs: Mapping[str, Any]) -> Iterator[str]:
    first, *others = sources(inputs) or [{}]
    yield value(first.get("repoURL"))
    for field, name in (("targetRevision", "revision"), ("path", "path"), ("chart", "chart")):
        if first.get(field):
            yield f"{name} {value(first[field])}"
    if others:
        yield f"and {len(others)} more sources"
    destination = mapping(at(inputs, "spec", "destination"))
    place = destination.get("name") or destination.get("server")
    if place not in {None, "https://kubernetes.default.svc"}:
        yield f"deployed to {value(place)}"
    if destination.get("namespace"):
        yield f"namespace {value(destination['namespace'])}"


def sources(inputs: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the sources of an Application."""
    return [
        mapping(one) for one in (at(inputs, "spec", "source"), *items(at(inputs, "spec", "sources"))) if one
    ]


def value(told: Any) -> str:
    """Return a field's value."""
    if isinstance(told, str) and _UNKNOWN in told:
        return "*known after `up`*"
    return code("null" if told is None else str(told).lower() if isinstance(told, bool) else str(told))


def differences(change: Change) -> list[str]:
    """Return what differs, in the order of the fields; a new or a deleted resource has no differences.

    A secret that changes looks the same before and afterwards; then the engine's word counts. The values of
    a release are shown as a diff of their own.
    """
    if not change.old or not change.new:
        return []
    old, new = dict(leaves(change.old)), dict(leaves(change.new))
    paths = [path for path in {**old, **new} if old.get(path, _ABSENT) != new.get(path, _ABSENT)]
    found = {path: _difference(path, old.get(path, _ABSENT), new.get(path, _ABSENT)) for path in paths}
    for path in change.paths:
        if not any(_within(one, path) for one in paths):
            is_secret = any(leaf == SECRET for place, leaf in new.items() if _within(place, path))
            found[path] = f"{_named(path)}{' (secret)' if is_secret else ''} changes"
    told = [words for path, words in found.items() if not path.startswith("values")]
    if count := len(found) - len(told):
        told.append(f"values: {count} {'entry differs' if count == 1 else 'entries differ'}, see below")
    return told


def _difference(path: str, old: Any, new: Any) -> str:
    name = _named(path)
    if SECRET in (old, new):
        return f"{name} (secret) changes"
    if old is _ABSENT:
        return f"{name}: {value(new)} is new"
    return f"{name}: {value(old)} {'goes' if new is _ABSENT else f'→ {value(new)}'}"


def _named(path: str) -> str:
    return code(_NAMES.get(path, path.removeprefix("spec.")))


def _within(place: str, path: str) -> bool:
    return place.startswith(path) or path.startswith(place)


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


def _of_a_layer(change: Change) -> Iterator[str]:
    if change.operation is Operation.DELETE:
        owned = mapping(change.old.get("owned")).values()
        told = ", ".join(dict.fromkeys(value(block) for blocks in owned for block in items(blocks)))
        yield f"our block {told} is cut out, and nothing else" if told else "there is no block of ours in it"
        return
    if change.new.get("present") is False:
        yield "the cluster has no such layer, so nothing is written"
        return
    before, after = zones(change.old), zones(change.new)
    for name in {**before, **after}:
        old, new = (_answered(side[name]) if name in side else "" for side in (before, after))
        if old != new or change.operation is not Operation.CHANGE:
            gone = "answered" if mapping(before.get(name)).get("addresses") else "forwarded"
            told = f"{old} → {new}" if old and new and old != new else new or f"{old}; no longer {gone}"
            yield f"zone {code(name)}: {told}"
        for key, default in _OF_A_ZONE.items():
            was, will = (mapping(side.get(name)).get(key) for side in (before, after))
            if old and new and was != will:
                yield f"zone {code(name)}: {code(key)}: {value(was or default)} → {value(will or default)}"
    if is_drift(change):
        yield "somebody has changed the Corefile since; our block is put back"


def zones(inputs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return zone → what is forwarded where; a layer that the cluster does not have forwards nothing."""
    if inputs.get("present") is False:
        return {}
    return {str(zone.get("zone")): zone for zone in map(mapping, items(inputs.get("zones")))}


def _answered(zone: Mapping[str, Any]) -> str:
    if addresses := items(zone.get("addresses")):
        return ", ".join(map(value, addresses))
    servers = ", ".join(map(value, items(zone.get("servers"))))
    rewrite = mapping(zone.get("rewrite")).items()
    return "; ".join([servers, *(f"{code(name)} asked as {value(to)}" for name, to in rewrite)])


def edits(change: Change) -> dict[str, list[str]]:
    """Return title → diff lines of each Corefile that this run writes; the state remembers earlier ones."""
    before, after = mapping(change.old.get("edits")), mapping(change.new.get("edits"))
    return {title: items(lines) for title, lines in after.items() if before.get(title) != lines}


def is_drift(change: Change) -> bool:
    """Tell whether a DNS layer is written although the stack file wants the same of it as before."""
    same = all(change.old.get(key) == change.new.get(key) for key in _OF_A_LAYER)
    was_there = change.operation is Operation.CHANGE and change.old.get("present") is not False
    return was_there and same and bool(edits(change))
