"""From whom a new server block takes answers away. Pure: nothing is asked, the Corefile tells.

CoreDNS gives a question to the server block with the longest matching zone, of those that listen where it
arrived. A block for `protobox` therefore gets all names below `protobox` that no block for a longer zone
has; whoever answered them before, in the block for `.` or for a parent zone, is no longer asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from components.dns.claims import (
    CLUSTER,
    FORWARDERS,
    Claim,
    hosts_addresses,
    is_ip,
    seen,
    stopped_by_hosts,
)
from components.dns.corefile import Corefile, CorefileError, Directive, ServerBlock, ZoneKey, zone_keys
from components.dns.records import ZoneFile, zone_files
from components.dns.view import View
from components.dns.zones import bare, in_zone


@dataclass(frozen=True)
class Taken:
    """Names whose answers change."""

    name: str
    """One name, or `*.corp` for `corp` and every name below it."""
    source: str
    """Who answered them before, and where that stands: `hosts, line 7`."""

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"

    def accepted(self, takes_over: Collection[str]) -> bool:
        """Tell whether the stack file's `takesOver` names this, or all that is around it."""
        return self.name in takes_over or any(
            wide.startswith("*.") and in_zone(self.name.removeprefix("*."), wide[2:]) for wide in takes_over
        )


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
    """Return what changes for others when `block` joins the resolver that `view` shows.

    Args:
        block: the block to add; it answers for one zone.
        view: all server blocks, without ours.
        cluster: the cluster's own zones, where this Corefile does not say them itself.

    Raises:
        CorefileError: names of the cluster itself would change hands, or a block cannot be judged.
    """
    zone = block.zone_keys[0].name
    near = _near(block, view)
    below = _below(zone, near)
    kept = frozenset(one.zone for one in below if one.is_found and one.listens_wherever(block))
    taken: list[Taken] = []
    warnings = _staying(below, view)
    _refuse_the_cluster(zone, [*cluster, *cluster_zones(view.corefile)], kept)
    for parent in _parents(near, zone, block):
        found = seen(parent.block, zone, parent.zone, view)
        if lost := [claim for claim in found.cluster if not _is_kept(claim.suffix, kept)]:
            raise view.error(_cluster_loses(zone, lost[0].name), lost[0].start)
        taken += [
            Taken(_lost(claim, block), f"{claim.plugin}, {claim.file or view.place(claim.start)}")
            for claim in found.claims
            if not _is_kept(claim.suffix, kept)
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
    for led in _led_into(zone, kept, view):
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
    parents = _parents(_near(block, view), zone, block)
    ways = {
        tuple(
            Directive(line.name, (".", *line.args[1:]), line.body)
            for line in seen(parent.block, zone, parent.zone, view).forwards
            if not stopped_by_hosts(parent.block, zone)
        ): parent
        for parent in parents
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
    parents = _parents(_near(block, view), zone, block)
    return bool(parents) and all(_answers(parent, zone, view, addresses) for parent in parents)


def _answers(parent: _Standing, name: str, view: View, addresses: Collection[str]) -> bool:
    found = seen(parent.block, name, parent.zone, view)
    others = [claim for claim in found.claims if claim.plugin not in {"hosts", *FORWARDERS}]
    in_front = [line for line in found.rules if line.name in {"template", "rewrite", "acl"}]
    disturbed = found.cluster or in_front or any(in_zone(name, claim.suffix) for claim in others)
    return not disturbed and hosts_addresses(parent.block, name, view) == {*addresses}


def longer_zones(block: ServerBlock, view: View) -> list[str]:
    """Return a warning for each block of somebody else that has a part of the zone of `block`."""
    return _staying(_below(block.zone_keys[0].name, _near(block, view)), view)


def _staying(below: Iterable[_Standing], view: View) -> list[str]:
    return [
        f"the names below {one.zone} stay with the server block for {one.key} ({view.place(one.block.start)})"
        for one in below
    ]


def _near(block: ServerBlock, view: View) -> list[_Standing]:
    standing = (_Standing(other, key) for other in view.corefile.server_blocks for key in other.zone_keys)
    return [one for one in standing if one.shares_a_listener_with(block)]


def _below(zone: str, near: Iterable[_Standing]) -> list[_Standing]:
    return [one for one in near if in_zone(one.zone, zone) and one.zone != zone]


def _is_kept(suffix: str, kept: Collection[str]) -> bool:
    return any(in_zone(suffix, other) for other in kept)


@dataclass(frozen=True)
class _Standing:
    """One zone of one server block."""

    block: ServerBlock
    key: ZoneKey

    @property
    def zone(self) -> str:
        return self.key.name

    @property
    def is_found(self) -> bool:
        """Whether every CoreDNS gives it its questions: before 1.10, none find a key in capital letters."""
        return not has_capitals(self.block)

    @property
    def length(self) -> int:
        """How long its zone is; the root has no length."""
        return 0 if self.zone == "." else len(self.zone)

    def shares_a_listener_with(self, block: ServerBlock) -> bool:
        if self.key.transport != "dns" or self.key.port not in {key.port for key in block.zone_keys}:
            return False
        return share_an_address(self.block, block)

    def listens_wherever(self, block: ServerBlock) -> bool:
        ports = {key.port for key in self.block.zone_keys if key.zone == self.key.zone}
        return ports >= {key.port for key in block.zone_keys} and listens_at_least(self.block, block)


def has_capitals(block: ServerBlock) -> bool:
    """Tell whether a key of the block has capital letters."""
    return any(key != key.lower() for key in block.keys)


def share_an_address(block: ServerBlock, other: ServerBlock) -> bool:
    """Tell whether both may get the same question; of an interface nobody here knows the addresses."""
    words = {*block.bind, *other.bind}
    return (
        not block.bind or not other.bind or not all(map(is_ip, words)) or bool({*block.bind} & {*other.bind})
    )


def listens_at_least(block: ServerBlock, other: ServerBlock) -> bool:
    """Tell whether `block` is bound to all that `other` is bound to, in the same words."""
    if not block.bind or not other.bind:
        return not block.bind and not other.bind
    mine, theirs = (
        {(word, line.body) for line in each.named("bind") for word in line.args} for each in (block, other)
    )
    return mine >= theirs


def _parents(near: Sequence[_Standing], zone: str, block: ServerBlock) -> list[_Standing]:
    """Return the blocks that get the names of `zone` today: on each listener that of the longest zone."""
    above = [one for one in near if one.zone == "." or (in_zone(zone, one.zone) and one.zone != zone)]
    chosen: list[_Standing] = []
    for port in {key.port for key in block.zone_keys}:
        for address in block.bind or ("",):
            here = [
                one
                for one in above
                if one.key.port == port and (not address or not one.block.bind or address in one.block.bind)
            ]
            longest = max((one.length for one in here if one.is_found), default=0)
            chosen += [one for one in here if one.length >= longest]
    return list(dict.fromkeys(chosen))


def _refuse_the_cluster(zone: str, cluster: Iterable[str], kept: Collection[str]) -> None:
    for served in cluster:
        if served == ".":  # its own block tells, where that is the one which loses names
            continue
        if in_zone(zone, served):
            raise CorefileError(_cluster_loses(zone, f"*.{zone}"))
        if in_zone(served, zone) and not _is_kept(served, kept):
            raise CorefileError(_cluster_loses(zone, f"*.{served}"))


def _cluster_loses(zone: str, names: str) -> str:
    return (
        f"the zone {zone} would take {names} away from the cluster itself, whose Services or Pods would then "
        "no longer resolve"
    )


def _led_into(zone: str, kept: Collection[str], view: View) -> Iterator[Taken | str]:
    """Yield the names outside the zone whose answers lead into it, and warnings of what nobody can know."""
    for block in view.corefile.server_blocks:
        zones = [key.name for key in block.zone_keys]
        for line in (*block.named("file"), *block.named("auto")):
            for file in zone_files(line, zones, view.files):
                yield from _led_by(file, zone, kept, view, line)
        for line in block.named("template"):
            words = " ".join(word for option in line.body for word in option).lower()
            found = re.search(rf"(?:cname|dname)\s((?:\S*\.)?{re.escape(zone)})\.?(?:\s|$)", words)
            if found and not _is_kept(found[1], kept):
                source = f"template, {view.place(line.start)}: it leads to {found[1]}"
                yield from (Taken(f"*.{bare(name)}", source) for name in line.args[2:] or zones)
        for line in block.named("rewrite"):
            if "cname" in line.args[:2] and in_zone(bare(line.args[-1]), zone):
                yield Taken("*", f"rewrite, {view.place(line.start)}: it leads to {bare(line.args[-1])}")


def _led_by(
    file: ZoneFile, zone: str, kept: Collection[str], view: View, line: Directive
) -> Iterator[Taken | str]:
    has_it = [
        block for block in view.corefile.server_blocks if file.origin in (key.name for key in block.zone_keys)
    ]
    if has_it and not any(line in block.plugins for block in has_it):
        return  # another block has the zone, and nobody asks this file
    if file.records is None:
        yield (
            f"the zone file {file.path} ({view.place(line.start)}) cannot be read from here: aliases in it "
            f"that lead below {zone} get other answers"
        )
    for name, target in file.led_into(zone):
        if not _is_kept(target, kept):
            yield Taken(name, f"{line.name}, {file.path}: it leads to {target}")


def _keys(word: str) -> tuple[ZoneKey, ...]:
    try:
        return zone_keys(word)
    except ValueError:
        return ()
