"""From whom a new server block takes answers away. Pure: nothing is asked, the Corefile tells.

CoreDNS gives a question to the server block with the longest matching zone, of those that listen where it
arrived. A block for `protobox` therefore gets all names below `protobox` that no block for a longer zone
has; whoever answered them before, in the block for `.` or for a parent zone, is no longer asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.dns.claims import CLUSTER, Claim, is_ip, seen
from components.dns.corefile import Corefile, CorefileError, Directive, ServerBlock, ZoneKey, zone_keys
from components.dns.corefile.imports import Expanded, located
from components.dns.records import aliases
from components.dns.zones import in_zone


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
            found += [_name(key) for key in (keys if line.args else block.zone_keys)]
    return tuple(dict.fromkeys(found))


def effect(
    corefile: Corefile,
    block: ServerBlock,
    files: Mapping[str, str],
    expanded: Expanded,
    cluster: Collection[str] = (),
) -> Effect:
    """Return what changes for others when `block` joins `corefile`.

    Args:
        corefile: all server blocks, without ours.
        block: the block to add; it answers for one zone.
        files: whole path → text, of the files that plugins read.
        expanded: where the text of `corefile` comes from.
        cluster: the cluster's own zones, where this Corefile does not say them itself.

    Raises:
        CorefileError: names of the cluster itself would change hands, or a block cannot be judged.
    """
    zone = _name(block.zone_keys[0])
    standing = [_Standing(other, key) for other in corefile.server_blocks for key in other.zone_keys]
    near = [one for one in standing if one.shares_a_listener_with(block)]
    below = [one for one in near if in_zone(one.zone, zone) and one.zone != zone]
    kept = {one.zone for one in below if one.listens_wherever(block)}
    taken: list[Taken] = []
    warnings: list[str] = [
        f"{zone}: the names below {one.zone} stay with the server block for {one.key} "
        f"({expanded.place(one.block.start)})"
        for one in below
    ]

    def is_kept(suffix: str) -> bool:
        return any(in_zone(suffix, other) for other in kept)

    _refuse_the_cluster(zone, [*cluster, *cluster_zones(corefile)], kept)
    for parent in _parents(near, zone, block):
        found = seen(parent.block.plugins, zone, parent.zone, files, corefile.text, _zones(parent.block))
        if lost := [claim for claim in found.cluster if not is_kept(claim.suffix)]:
            raise _cluster_error(zone, lost[0].name, corefile.text, lost[0].start)
        taken += [_taken(claim, expanded) for claim in found.claims if not is_kept(claim.suffix)]
        warnings += [_rule(zone, line, expanded) for line in found.rules]
    for led in _led_into(corefile, zone, files, expanded, is_kept):
        taken.append(led) if isinstance(led, Taken) else warnings.append(led)
    return Effect(tuple(dict.fromkeys(taken)), tuple(dict.fromkeys(warnings)))


@dataclass(frozen=True)
class _Standing:
    """One zone of one server block."""

    block: ServerBlock
    key: ZoneKey

    @property
    def zone(self) -> str:
        return _name(self.key)

    def shares_a_listener_with(self, block: ServerBlock) -> bool:
        if self.key.transport != "dns" or self.key.port not in {key.port for key in block.zone_keys}:
            return False
        return share_an_address(self.block, block)

    def listens_wherever(self, block: ServerBlock) -> bool:
        ports = {key.port for key in self.block.zone_keys if key.zone == self.key.zone}
        return ports >= {key.port for key in block.zone_keys} and listens_at_least(self.block, block)


def share_an_address(block: ServerBlock, other: ServerBlock) -> bool:
    """Tell whether both may get the same question; of an interface nobody here knows the addresses."""
    words = {*block.bind, *other.bind}
    return not block.bind or not other.bind or not all(map(is_ip, words)) or bool({*block.bind} & {*other.bind})


def listens_at_least(block: ServerBlock, other: ServerBlock) -> bool:
    """Tell whether `block` is bound to all that `other` is bound to, in the same words."""
    return set(block.named("bind")) >= set(other.named("bind")) and (not block.bind or bool(other.bind))


def _parents(near: Sequence[_Standing], zone: str, block: ServerBlock) -> list[_Standing]:
    """Return the blocks that get the names of `zone` today: on each listener the one with the longest zone."""
    above = [one for one in near if one.zone == "." or (in_zone(zone, one.zone) and one.zone != zone)]
    chosen: list[_Standing] = []
    for port in {key.port for key in block.zone_keys}:
        for address in block.bind or ("",):
            here = [
                one
                for one in above
                if one.key.port == port and (not address or not one.block.bind or address in one.block.bind)
            ]
            longest = max((0 if one.zone == "." else len(one.zone) for one in here), default=0)
            chosen += [one for one in here if (0 if one.zone == "." else len(one.zone)) == longest]
    return list(dict.fromkeys(chosen))


def _refuse_the_cluster(zone: str, cluster: Iterable[str], kept: Collection[str]) -> None:
    for served in cluster:
        if served == ".":  # its own block tells, where that is the one which loses names
            continue
        if in_zone(zone, served):
            raise _cluster_error(zone, f"*.{zone}")
        if in_zone(served, zone) and not any(in_zone(served, other) for other in kept):
            raise _cluster_error(zone, f"*.{served}")


def _cluster_error(zone: str, names: str, text: str = "", start: int | None = None) -> CorefileError:
    return CorefileError(
        f"the zone {zone} would take {names} away from the cluster itself, whose Services or Pods would then no "
        "longer resolve",
        text,
        start,
    )


def _taken(claim: Claim, expanded: Expanded) -> Taken:
    place = expanded.place(claim.start)
    return Taken(claim.name, f"{claim.plugin}, {claim.file or place}")


def _rule(zone: str, line: Directive, expanded: Expanded) -> str:
    return f"{zone}: `{line.name}` ({expanded.place(line.start)}) no longer holds for the names below {zone}"


def _led_into(
    corefile: Corefile, zone: str, files: Mapping[str, str], expanded: Expanded, is_kept: Callable[[str], bool]
) -> Iterator[Taken | str]:
    """Yield the names outside the zone whose answers lead into it."""
    for block in corefile.server_blocks:
        for line in block.plugins:
            if line.name == "file" and line.args:
                yield from _aliases_in_file(block, line, zone, files, expanded, is_kept)
            elif line.name == "template":
                answers = " ".join(word for option in line.body for word in option).lower()
                if f".{zone}." in f".{answers}" and ("cname" in answers or "dname" in answers):
                    names = [f"*.{own}" for word in line.args[2:] for own in map(_bare, [word])]
                    for name in names or [f"*.{own}" for own in _zones(block)]:
                        yield Taken(name, f"template, {expanded.place(line.start)}: it leads to {zone}")
            elif line.name == "rewrite" and "cname" in line.args[:2]:
                target = _bare(line.args[-1])
                if in_zone(target, zone):
                    yield Taken("*", f"rewrite, {expanded.place(line.start)}: it leads to {target}")


def _aliases_in_file(
    block: ServerBlock,
    line: Directive,
    zone: str,
    files: Mapping[str, str],
    expanded: Expanded,
    is_kept: Callable[[str], bool],
) -> Iterator[Taken | str]:
    path, place = located(line.args[0]), expanded.place(line.start)
    origins = [_bare(word) for word in line.args[1:]] or _zones(block)
    for origin in origins:
        found = aliases(files[path], origin) if path in files else None
        if found is None:
            yield (
                f"{zone}: the zone file {path} ({place}) cannot be read from here; aliases in it that lead "
                f"below {zone} get other answers"
            )
            continue
        for name, target in found:
            if in_zone(target, zone) and not in_zone(name, zone) and not is_kept(target):
                yield Taken(name, f"file, {path}: it leads to {target}")


def _zones(block: ServerBlock) -> list[str]:
    return [_name(key) for key in block.zone_keys]


def _keys(word: str) -> tuple[ZoneKey, ...]:
    try:
        return zone_keys(word)
    except ValueError:
        return ()


def _name(key: ZoneKey) -> str:
    return key.zone.rstrip(".") or "."


def _bare(word: str) -> str:
    return word.lower().rstrip(".") or "."
