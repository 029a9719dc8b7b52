"""The main effects of a preview, each as a sentence: the first of them stands in the note's first line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from review.changes import Change, Operation, Preview, mapping
from review.fields import differences, value
from review.layers import is_drift, is_found, other_settings, zone_names, zones
from review.markdown import code
from review.words import Kind, kind, object_name, project_of

_DONE = {
    Operation.ADD: "added",
    Operation.ADOPT: "taken over",
    Operation.CHANGE: "changed",
    Operation.REPLACE: "deleted and created again",
    Operation.DELETE: "deleted",
}
_MOST_NAMES = 5


def effects(preview: Preview) -> list[str]:
    """Return the effects, as Markdown, that on the names first."""
    return [*_on_names(preview), *_on_argo_cd(preview), *_on_projects(preview)]


def _on_names(preview: Preview) -> Iterator[str]:
    layers = sorted((one for one in preview.changes if kind(one) is Kind.DNS_LAYER), key=object_name)
    known = [one for one in layers if not is_found(one)]
    before, after = _zones(known, "old"), _zones(known, "new")
    old = str(mapping(preview.outputs.get("dns")).get("strategy") or "")
    new = str(preview.section("dns").get("strategy") or "")
    for zone, servers in after.items():
        if before.get(zone) != servers:
            instead = f" instead of {_server(old, before[zone])}" if zone in before else ""
            yield f"DNS: the zone {code(zone)} will be forwarded to {_server(new, servers)}{instead}"
    wanted = zone_names(preview.section("dns"))
    gone = [code(zone) for zone in before if zone not in after and zone not in wanted]
    if gone:
        yield f"DNS: {_zones_in_words(gone)} will no longer be forwarded; {_what_then(new)}"
    elif old != new and new == "hostAliases":
        yield f"DNS: {_what_then(new)}"
    for layer in layers:
        there = zones(layer.old)
        kept = [code(zone) for zone in wanted if zone in there]
        if layer.operation is Operation.DELETE and kept:
            names = _zones_in_words(kept)
            yield f"DNS: {code(object_name(layer))} will no longer forward {names}, and pods ask this layer"
    for told in dict.fromkeys(one for layer in layers for one in other_settings(layer)):
        yield f"DNS: {told}"
    if found := [object_name(layer) for layer in layers if is_found(layer)]:
        yield f"DNS: the cluster has {' and '.join(map(code, found))} now, and `up` writes our block to it"
    if drifted := [object_name(layer) for layer in layers if is_drift(layer)]:
        yield (
            f"DNS: somebody has changed the Corefile of {' and '.join(map(code, drifted))}, and `up` puts "
            "our block back"
        )


def _zones(layers: Sequence[Change], side: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for layer in layers:
        found |= zones(getattr(layer, side))
    return found


def _server(strategy: str, servers: str) -> str:
    return f"{code(strategy)} ({servers})" if strategy else servers


def _zones_in_words(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"the zone {names[0]}"
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"the zones {', '.join(names[:_MOST_NAMES])}{more}"


def _what_then(strategy: str) -> str:
    match strategy:
        case "hostAliases":
            return "Argo CD's pods get hosts entries (`hostAliases`)"
        case "none":
            return "nothing of this stack makes the names resolve then (strategy `none`)"
        case _:
            return "the stack file names other zones"


def _on_argo_cd(preview: Preview) -> Iterator[str]:
    for change in preview.changes:
        if kind(change) is not Kind.ARGO_CD:
            continue
        chart = f"chart {value(change.new.get('chart'))} {value(change.new.get('version') or 'newest')}"
        match change.operation:
            case Operation.ADD:
                yield f"Argo CD is installed: {chart}"
            case Operation.ADOPT:
                yield f"the Argo CD that is there already is taken over: {chart}"
            case Operation.DELETE:
                yield "Argo CD is removed"
            case Operation.REPLACE:
                yield f"Argo CD is removed and installed anew: {chart}"
            case Operation.CHANGE:
                yield f"Argo CD: {_how(change)}"


def _how(change: Change) -> str:
    found = {one.path: one for one in differences(change)}
    for path in ("version", "chart"):
        if path in found:
            return str(found[path])
    return "its values change" if any(path.startswith("values") for path in found) else "its release changes"


def _on_projects(preview: Preview) -> Iterator[str]:
    names: defaultdict[Operation, list[Any]] = defaultdict(list)
    for change in sorted(preview.changes, key=object_name):
        if kind(change) is Kind.APPLICATION and change.operation in _DONE:
            application = object_name(change)
            names[change.operation].append(project_of(application, preview) or application)
    told = []
    for operation, done in _DONE.items():
        if found := list(dict.fromkeys(names[operation])):
            more = f" and {len(found) - _MOST_NAMES:,} more" if len(found) > _MOST_NAMES else ""
            told.append(f"{', '.join(map(code, found[:_MOST_NAMES]))}{more} {done}")
    if told:
        yield f"projects: {'; '.join(told)}"
