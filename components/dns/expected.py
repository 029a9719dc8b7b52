"""What a DNS layer's Corefiles will get, told without reading them, for an offline preview.

It knows what the state remembers of the layer, and what the stack file wants of it.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from components.cluster.offline import VARIABLE
from components.dns.corefile import Directive, parse, render
from components.dns.corefile.keys import DNS_PORT
from components.dns.zones import AnyZone, Listeners, zone_block

_FACTS = ("present", "owned", "left", "written", "warnings", "cluster")
_FIRST_KEY = "Corefile"


def remembered(olds: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the state knows about the layer; nothing for one that was never looked at."""
    return {key: olds[key] for key in _FACTS if olds.get(key) is not None}


def expected_edits(
    place: str,
    before: Sequence[AnyZone],
    after: Sequence[AnyZone],
    olds: Mapping[str, Any],
    stack: str,
) -> dict[str, list[str]]:
    """Return title → diff lines of our own blocks in each Corefile that will change.

    `place` is the ConfigMap in words (`kube-system/coredns`), `before` are the zones of the last `up`, and
    `olds` is what the state knows about the layer.
    """
    if olds.get("present") is False:  # there was no such layer, and whether there is one now is not known
        return {}
    owned: Mapping[str, Sequence[str]] = olds.get("owned") or {}
    others_serve: Mapping[str, Sequence[str]] = olds.get("left") or {}
    edits: dict[str, list[str]] = {}
    for key in dict.fromkeys([*owned, *others_serve]) or [_FIRST_KEY]:
        others = {each.rpartition(":")[0] for each in others_serve.get(key, ())}
        ports = sorted({int(each.rpartition(":")[2]) for each in owned.get(key, ())}) or [DNS_PORT]
        where = Listeners(tuple(ports))
        onward = _onward((olds.get("written") or {}).get(key, ()))
        old, new = (_blocks(zones, others, where, stack, onward) for zones in (before, after))
        if old != new:
            title = f"{place} {key}, not read since {VARIABLE} is set"
            edits[title] = list(difflib.unified_diff(old, new, lineterm="", n=len(old)))[3:]
    return edits


def _blocks(
    zones: Sequence[AnyZone],
    others: Collection[str],
    where: Listeners,
    stack: str,
    onward: Sequence[Directive],
) -> list[str]:
    """Return our blocks line by line, but for the zones that others serve already."""
    mine = (zone_block(zone, where, stack, onward) for zone in zones if zone.zone not in others)
    return [line for block in mine for line in render(block).splitlines()]


def _onward(written: Sequence[str]) -> list[Directive]:
    """Return what stands behind the hosts entries of our first such block; nothing before a first `up`."""
    blocks = (block for text in written for block in parse(text).server_blocks)
    names = {"errors", "cache", "bind", "prometheus", "hosts"}
    return next(
        ([line for line in b.directives if line.name not in names] for b in blocks if b.named("hosts")), []
    )
