"""Whether somebody else's server block answers for a zone as ours would: then it is left to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from components.dns.claims import Seen, seen
from components.dns.corefile import CorefileError, ServerBlock
from components.dns.plugins import (
    CLUSTER,
    FORWARDERS,
    addresses_of,
    name_pattern,
    question_words,
    rule_words,
    stops,
)
from components.dns.view import View, listens_at_least
from components.dns.zones import AnyZone, ForwardedZone, HostsZone, bare, in_zone, server_address


@dataclass(frozen=True)
class Pair:
    """A block of somebody else, and the one that ours would be."""

    standing: ServerBlock
    wanted: ServerBlock
    zone: AnyZone
    asked: Sequence[str]
    """The names in question, which Argo CD needs; the zone itself stands for all its names."""


def difference(pair: Pair, view: View) -> str:
    """Return why the standing block does not answer as ours would, and where; "" if it does."""
    if reason := _listeners(pair):
        return f"{reason} ({view.place(pair.standing.start)})"
    try:
        found = seen(pair.standing, pair.zone.zone, pair.zone.zone, view, skip=("rewrite",))
    except CorefileError as error:
        return str(error)
    if isinstance(pair.zone, HostsZone):
        if (had := addresses_of(pair.standing, pair.zone.zone, view)) != {*pair.zone.addresses}:
            return f"it has {', '.join(sorted(had)) or 'no entry'} for it ({view.place(pair.standing.start)})"
        checks = [_claimed, _rewritten]
    else:
        checks = [_servers, _excepted, _claimed, _rewritten]
    reasons = chain.from_iterable(check(pair, found) for check in checks)
    return next((f"{reason} ({view.place(start)})" for reason, start in reasons), "")


def doubts(pair: Pair, view: View) -> list[str]:
    """Return a warning for each rule of the standing block of which nobody can tell here whom it hits."""
    rules = (
        line
        for line in pair.standing.plugins
        if line.name in _REFUSING or (line.name == "rewrite" and rule_words(line)[:1] in _OF_QUESTIONS)
    )
    return [
        f"the server block for it ({view.place(pair.standing.start)}) is left to its author, and its "
        f"`{line.name}` ({view.place(line.start)}) may answer pods otherwise: "
        f"{', '.join(pair.asked)} may not resolve"
        for line in rules
    ]


_REFUSING = {"acl", "firewall", "ratelimit", "rrl"}
_OF_QUESTIONS = (["type"], ["class"], ["rcode"])


def _listeners(pair: Pair) -> str:
    ports = {key.port for key in pair.standing.zone_keys if key.zone == f"{pair.zone.zone}."}
    wanted = {key.port for key in pair.wanted.zone_keys}
    if not ports >= wanted or not listens_at_least(pair.standing, pair.wanted):
        return "it does not listen on all addresses and ports of the block for `.`"
    return ""


def _servers(pair: Pair, found: Seen) -> Iterator[tuple[str, int]]:
    if not found.forwards:
        yield "it forwards the zone to nobody", pair.standing.start
    servers = {server_address(server) for server in pair.zone.servers}
    for line in found.forwards:
        if {server_address(server) for server in line.args[1:]} != servers:
            yield f"it forwards to {', '.join(line.args[1:])}", line.start


def _excepted(pair: Pair, found: Seen) -> Iterator[tuple[str, int]]:
    for line in found.forwards:
        names = [name.rstrip(".").lower() for name in line.words_of("except")]
        if any(_touches(f"*.{name}", asked) for name in names for asked in pair.asked):
            yield f"it does not forward {', '.join(names)}", line.start


def _claimed(pair: Pair, found: Seen) -> Iterator[tuple[str, int]]:
    for claim in [*found.cluster, *found.claims]:
        passed = {*FORWARDERS, "hosts"} if isinstance(pair.zone, HostsZone) else FORWARDERS
        if claim.plugin in passed and claim.suffix == pair.zone.zone:
            continue
        if claim.plugin == CLUSTER or any(_touches(claim.name, asked) for asked in pair.asked):
            yield f"its plugin `{claim.plugin}` answers {claim.name}", claim.start
    for line in () if isinstance(pair.zone, HostsZone) else pair.standing.named("hosts"):
        below = [
            name for name in map(bare, line.args[1:]) if any(in_zone(name, asked) for asked in pair.asked)
        ]
        if any(stops(line, name) for name in (*pair.asked, *below)):
            yield "its plugin `hosts` lets no question through", line.start
    for line in found.rules:
        if line.name == "template":
            yield "its plugin `template` answers for the zone", line.start


def _rewritten(pair: Pair, _found: Seen) -> Iterator[tuple[str, int]]:
    missing = dict(pair.zone.rewrite) if isinstance(pair.zone, ForwardedZone) else {}
    for line in pair.standing.named("rewrite"):
        words = question_words(line)
        pattern = name_pattern(words)
        if pattern is None:
            continue
        target = words[-1].rstrip(".").lower()
        if pattern.kind == "exact" and missing.get(pattern.text) == target:
            del missing[pattern.text]
            continue
        wide = "" if pattern.kind == "exact" else "*."
        names = [f"{wide}{suffix}" for suffix in pattern.within(pair.zone.zone)]
        if any(_touches(name, asked) for name in names for asked in pair.asked):
            yield f"its `rewrite` asks for {words[-1]} in the place of other names", line.start
    for name, target in missing.items():
        yield f"it does not ask for {target} in the place of {name}", pair.standing.start


def _touches(names: str, asked: str) -> bool:
    """Tell whether the names of a claim are among those in question: a host, or all names of a zone."""
    suffix = names.removeprefix("*.")
    return in_zone(suffix, asked) or (names.startswith("*.") and in_zone(asked, suffix))
