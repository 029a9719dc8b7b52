"""What a change does to a DNS layer: zones and their settings, whether somebody has edited it, the diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.changes import Change, Operation, items, mapping
from review.fields import value
from review.markdown import code

_WANTED = ("zones", "stack", "also")
"""The inputs that decide what is written, as far as the stack file and this program do."""
_SETTINGS = {"cacheSeconds": None, "policy": "random"}
"""Key of a zone besides its servers and names → what CoreDNS does without it."""


def of_a_layer(change: Change) -> Iterator[str]:
    """Yield as Markdown what happens to a DNS layer."""
    if change.operation is Operation.DELETE:
        owned = mapping(change.old.get("owned")).values()
        told = ", ".join(dict.fromkeys(value(block) for blocks in owned for block in items(blocks)))
        yield f"our block {told} is cut out, and nothing else" if told else "there is no block of ours in it"
        return
    if change.new.get("present") is False:
        yield "the cluster has no such layer, so nothing is written"
        return
    before, after = zones(change.old), zones(change.new)
    for zone in dict.fromkeys([*before, *after]):
        old, new = before.get(zone), after.get(zone)
        if old == new and change.operation is Operation.CHANGE:
            continue
        told = f"{old} → {new}" if old and new and old != new else new or f"{old}; no longer forwarded"
        yield f"zone {code(zone)}: {told}"
    yield from other_settings(change)
    if is_found(change):
        yield "the cluster has this layer now"
    if is_drift(change):
        yield "somebody has changed the Corefile since; our block is put back"


def zone_names(section: Mapping[str, Any]) -> list[str]:
    """Return the zones that the stack file's section `dns` names."""
    return [str(mapping(zone).get("zone") or zone) for zone in items(section.get("zones"))]


def zones(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return zone → its servers as Markdown, with what is asked in place of its names.

    A layer that the cluster does not have forwards none.
    """
    found: dict[str, str] = {}
    if inputs.get("present") is False:
        return found
    for zone in map(mapping, items(inputs.get("zones"))):
        servers = ", ".join(map(value, items(zone.get("servers"))))
        rewrite = [f"{code(name)} asked as {value(to)}" for name, to in mapping(zone.get("rewrite")).items()]
        found[str(zone.get("zone"))] = "; ".join([servers, *rewrite])
    return found


def other_settings(change: Change) -> list[str]:
    """Return as Markdown which settings of a zone change besides its servers and names."""
    before, after = (
        {str(zone.get("zone")): zone for zone in map(mapping, items(inputs.get("zones")))}
        for inputs in (change.old, change.new)
    )
    return [
        f"zone {code(name)}: {code(key)}: {value(before[name].get(key) or default)} → "
        f"{value(zone.get(key) or default)}"
        for name, zone in after.items()
        for key, default in _SETTINGS.items()
        if name in before and before[name].get(key) != zone.get(key)
    ]


def is_found(change: Change) -> bool:
    """Tell whether the cluster has a DNS layer now that was not there at the last `up`."""
    return change.operation is Operation.CHANGE and change.old.get("present") is False and bool(edits(change))


def is_drift(change: Change) -> bool:
    """Tell whether a DNS layer is written although the stack file wants the same of it as before."""
    return (
        change.operation is Operation.CHANGE
        and all(change.old.get(key) == change.new.get(key) for key in _WANTED)
        and not is_found(change)
        and bool(edits(change))
    )


def edits(change: Change) -> dict[str, list[str]]:
    """Return title → diff lines of each Corefile that this run writes; the state remembers earlier ones."""
    before, after = mapping(change.old.get("edits")), mapping(change.new.get("edits"))
    return {title: items(lines) for title, lines in after.items() if before.get(title) != lines}
