"""From whom a new server block takes answers away. Pure: nothing is asked, the Corefile tells.

CoreDNS gives a question to the server block with the longest matching zone, of those that listen where it
arrived. A block for `protobox` therefore gets all names below `protobox` that no block for a longer zone
has; whoever answered them before, in the block for `.` or for a parent zone, is no longer asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from components.dns.claims import Claim, seen
from components.dns.corefile import Corefile, CorefileError, Directive, ServerBlock, ZoneKey, zone_keys
from components.dns.leading_in import Taken, is_kept, led_into
from components.dns.plugins import CLUSTER, FORWARDERS, addresses_of, stopped_by_hosts
from components.dns.view import Standing, View, blocks_above, blocks_below
from components.dns.zones import in_zone

_LONGER = "name a longer zone, down to the Git host's name alone, in protobox-cd:dns"
_OUTSIDE = "take that zone out of protobox-cd:dns: the cluster's DNS has the names of its Services already"


@dataclass(frozen=True)
class Effect:
    """What adding a server block changes for others."""

    taken: tuple[Taken, ...] = ()
    warnings: tuple[str, ...] = ()


def cluster_zones(corefile: Corefile) -> tuple[str, ...]:
    """Return the cluster's own zones, reverse zones included: what the `kubernetes` plugins serve."""
    found: list[str] = []
    for block in corefile.server_blocks:
        for line in block.named(CLUSTER):
            keys: Iterable[ZoneKey] = (key for word in line.args for key in _keys(word))
            found += [key.name for key in (keys if line.args else block.zone_keys)]
    return tuple(dict.fromkeys(found))


def effect(block: ServerBlock, view: View, cluster: Collection[str] = ()) -> Effect:
    """Return what changes for others when `block`, for one zone, joins the resolver that `view` shows.

    `cluster` are the cluster's own zones, where this Corefile does not say them itself.

    Raises:
        CorefileError: names of the cluster itself would change hands, or a block cannot be judged.
    """
    zone = block.zone_keys[0].name
    below = blocks_below(block, view)
    kept = frozenset(each.zone for each in below if each.is_found and each.listens_wherever(block))
    taken: list[Taken] = []
    warnings = longer_zones(block, view)
    _refuse_the_cluster(zone, [*cluster, *cluster_zones(view.corefile)], kept)
    for parent in blocks_above(block, view):
        found = seen(parent.block, zone, parent.zone, view)
        if lost := [claim for claim in found.cluster if not is_kept(claim.suffix, kept)]:
            raise view.error(_cluster_loses(zone, lost[0].name), lost[0].start, _LONGER)
        taken += [
            Taken(_lost(claim, block), f"{claim.plugin}, {claim.file or view.place(claim.start)}")
            for claim in found.claims
            if not is_kept(claim.suffix, kept)
        ]
        warnings += [
            f"`{line.name}` ({view.place(line.start)}) no longer holds for the names below {zone}"
            for line in found.rules
        ]
        warnings += [
            f"`{line.name}` ({view.place(line.start)}) has an expression without `$`: names below {zone} "
            f"with `{text}` in the middle match it, too, and are no longer asked there"
            for line, text in found.loose
        ]
    for led in led_into(zone, kept, view):
        taken.append(led) if isinstance(led, Taken) else warnings.append(led)
    return Effect(tuple(dict.fromkeys(taken)), tuple(dict.fromkeys(warnings)))


def _lost(claim: Claim, block: ServerBlock) -> str:
    """Return the names that `block` takes of a claim: of one that it sends on itself, only its own name."""
    zone = block.zone_keys[0].name
    if claim.plugin in FORWARDERS and claim.suffix == zone and block.named("hosts"):
        return zone
    return claim.name


def onward(block: ServerBlock, view: View) -> tuple[Directive, ...]:
    """Return what has to stand behind the entries of a `hosts` block, so that names below answer as before.

    Those are the lines that forward these names today. Where nobody forwards them, there are none.

    Raises:
        CorefileError: they are forwarded otherwise on another address, or a block cannot be judged.
    """
    zone = block.zone_keys[0].name
    ways = {
        tuple(
            Directive(line.name, (".", *line.args[1:]), line.body)
            for line in seen(parent.block, zone, parent.zone, view).forwards
            if not stopped_by_hosts(parent.block, zone)
        ): parent
        for parent in blocks_above(block, view)
    }
    if len(ways) > 1:
        raise view.error(
            f"names below {zone} are forwarded otherwise on another address, and one block cannot do both",
            list(ways.values())[-1].block.start,
        )
    return next(iter(ways), ())


def answered_already(block: ServerBlock, view: View, addresses: Collection[str]) -> bool:
    """Tell whether the blocks that get the name of a `hosts` block today answer it from such entries, too."""
    zone = block.zone_keys[0].name
    parents = blocks_above(block, view)
    return bool(parents) and all(_answers(parent, zone, view, addresses) for parent in parents)


def _answers(parent: Standing, name: str, view: View, addresses: Collection[str]) -> bool:
    found = seen(parent.block, name, parent.zone, view)
    others = [claim for claim in found.claims if claim.plugin not in {"hosts", *FORWARDERS}]
    in_front = [line for line in found.rules if line.name in {"template", "rewrite", "acl"}]
    disturbed = found.cluster or in_front or any(in_zone(name, claim.suffix) for claim in others)
    return not disturbed and addresses_of(parent.block, name, view) == {*addresses}


def longer_zones(block: ServerBlock, view: View) -> list[str]:
    """Return a warning for each block of somebody else that has a part of the zone of `block`."""
    return [
        f"the names below {other.zone} stay with the server block for {other.key} "
        f"({view.place(other.block.start)})"
        for other in blocks_below(block, view)
    ]


def _refuse_the_cluster(zone: str, cluster: Iterable[str], kept: Collection[str]) -> None:
    for served in cluster:
        if served == ".":  # its own block tells, where that is the one which loses names
            continue
        if in_zone(zone, served):
            raise CorefileError(_cluster_loses(zone, f"*.{zone}"), fix=_OUTSIDE)
        if in_zone(served, zone) and not is_kept(served, kept):
            raise CorefileError(_cluster_loses(zone, f"*.{served}"), fix=_LONGER)


def _cluster_loses(zone: str, names: str) -> str:
    return (
        f"the zone {zone} would take {names} away from the cluster itself, whose Services or Pods would then "
        "no longer resolve"
    )


def _keys(word: str) -> tuple[ZoneKey, ...]:
    try:
        return zone_keys(word)
    except ValueError:
        return ()
