"""Whether somebody else's server block answers for a zone as ours would: then it is left to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from components.dns.claims import CLUSTER, FORWARDERS, name_pattern, seen
from components.dns.corefile import CorefileError, Directive, ServerBlock
from components.dns.effect import listens_at_least
from components.dns.zones import ForwardedZone, in_zone, server_address


def difference(
    standing: ServerBlock,
    wanted: ServerBlock,
    zone: ForwardedZone,
    files: Mapping[str, str],
    hosts: Collection[str],
    text: str,
) -> tuple[str, int]:
    """Return why `standing` does not answer as `wanted` would, and the offset that shows it; ("", 0) if it does.

    Args:
        standing: the block of somebody else that has the zone.
        wanted: the block that would be ours.
        zone: the zone, with its servers and rewrites.
        files: whole path → text, of the files that plugins read.
        hosts: the names in question, which Argo CD needs; none: every name of the zone.
        text: the text that `standing` was parsed from.
    """
    ports = {key.port for key in standing.zone_keys if key.zone == f"{zone.zone}."}
    if ports < {key.port for key in wanted.zone_keys} or not listens_at_least(standing, wanted):
        return "it does not listen on all addresses and ports of the block for `.`", standing.start
    asked = [host for host in hosts if in_zone(host, zone.zone)] or [zone.zone]
    try:
        found = seen(
            (line for line in standing.plugins if line.name != "rewrite"), zone.zone, zone.zone, files, text
        )
    except CorefileError as error:
        return error.reason, standing.start
    if not found.forwards:
        return "it forwards the zone to nobody", standing.start
    servers = {server_address(server) for server in zone.servers}
    for line in found.forwards:
        if {server_address(server) for server in line.args[1:]} != servers:
            return f"it forwards to {', '.join(line.args[1:])}", line.start
    for option in (option for line in standing.plugins if line.name in FORWARDERS for option in line.body):
        if option[0] == "except" and any(in_zone(asked_, name.rstrip(".")) for asked_ in asked for name in option[1:]):
            return f"it does not forward {', '.join(option[1:])}", found.forwards[0].start
    for claim in [*found.cluster, *found.claims]:
        if claim.plugin in FORWARDERS and claim.suffix == zone.zone:
            continue
        if claim.plugin == CLUSTER or any(_touches(claim.name, name) for name in asked):
            return f"its plugin `{claim.plugin}` answers {claim.name}", claim.start
    for line in standing.named("hosts"):
        if not any(option[0] == "fallthrough" for option in line.body):
            return "its plugin `hosts` lets no question through", line.start
    return _other_rewrite(standing, zone, asked)


def _touches(names: str, asked: str) -> bool:
    """Tell whether the names of a claim are among those in question: a host, or all names of a zone."""
    suffix = names.removeprefix("*.")
    return in_zone(suffix, asked) or (names.startswith("*.") and in_zone(asked, suffix))


def _other_rewrite(standing: ServerBlock, zone: ForwardedZone, asked: Collection[str]) -> tuple[str, int]:
    missing = dict(zone.rewrite)
    for line in standing.named("rewrite"):
        words = _question(line)
        pattern = name_pattern(words) if words else None
        if pattern is None:
            continue
        target = words[-1].rstrip(".").lower()
        if pattern.kind == "exact" and missing.get(pattern.text) == target:
            del missing[pattern.text]
        elif any(_touches(f"*.{suffix}" if pattern.kind != "exact" else suffix, name)
                 for suffix in pattern.within(zone.zone) for name in asked):
            return f"its `rewrite` asks for {words[-1]} in the place of other names", line.start
    if missing:
        name, target = next(iter(missing.items()))
        return f"it does not ask for {target} in the place of {name}", standing.start
    return "", 0


def _question(line: Directive) -> list[str]:
    """Return the words of a `rewrite name` behind `name`, without what is said of the answer; none for others."""
    lines = [list(line.args), *map(list, line.body)]
    words = [word for option in lines for word in option]
    if words and words[0].lower() in {"stop", "continue"}:
        words = words[1:]
    if not words or words[0].lower() != "name":
        return []
    behind = words[1:]
    return behind[: behind.index("answer")] if "answer" in behind else behind
