"""What a Corefile should say for the forwarded zones, as data: text in, text out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from components.dns.corefile import (
    Corefile,
    CorefileError,
    Directive,
    ServerBlock,
    ZoneKey,
    cut,
    parse,
    splice,
)
from components.dns.corefile.edit import MARKER, is_marked
from components.dns.corefile.keys import zone_keys


@dataclass(frozen=True)
class ForwardedZone:
    """One zone and the name servers that know it."""

    zone: str
    """`protobox`, without dots around it."""
    servers: tuple[str, ...]
    """`IP` or `IP:port`, in order."""
    cache_seconds: int = 30
    rewrite: tuple[tuple[str, str], ...] = ()
    """Pairs of a name in the zone and the name to ask the servers for instead."""
    policy: str = ""
    """`random`, `round_robin` or `sequential`; "" is CoreDNS's own default, random."""

    @staticmethod
    def address(server: str) -> str:
        """Return the IP in `server` (`IP` or `IP:port`), without port and brackets."""
        return (server.rpartition(":")[0] if _has_port(server) else server).strip("[]")


@dataclass(frozen=True)
class Plan:
    """The outcome of planning one Corefile."""

    text: str
    """The whole new Corefile, parsed again."""
    owned: tuple[str, ...]
    """Our blocks' keys, such as `protobox:53`: what `destroy` takes out again."""
    left: tuple[str, ...]
    """Keys that somebody else serves in the same way already; left to them."""


def marker(stack: str) -> str:
    """Return the comment above each of our blocks."""
    return f"{MARKER}, stack {stack}: the next pulumi up undoes changes to this block"


def plan_zones(live: str, zones: Sequence[ForwardedZone], owned: Collection[str], stack: str) -> Plan:
    """Return what `live` has to become so that `zones` are forwarded.

    Whose a block is, `owned` remembers; a block with our marker is ours too, since an `up` may have
    been killed before it could remember. Everything else belongs to somebody else and stays.

    Raises:
        CorefileError: the text cannot be edited safely, or somebody else serves a zone differently.
    """
    corefile = parse(live)
    root = root_block(corefile)
    _refuse_the_resolver_itself(corefile, zones)
    mine: list[ServerBlock] = []
    left: list[str] = []
    text = live
    for zone in zones:
        block = zone_block(zone, root, stack)
        (key,) = block.keys
        standing = overlapping(corefile, block)
        if standing is None:
            mine.append(block)
        elif key in owned or standing.comment == block.comment:
            if standing != block and standing.comment != block.comment:
                text = cut(text, [key])  # ours, but its marker is gone: written anew
            mine.append(block)
        elif forwards_alike(standing, block):
            left.append(key)
        else:
            reason = f"a server block of somebody else answers for {key}, and not as this stack would"
            raise CorefileError(reason, live, standing.start)
    wanted = {block.keys[0] for block in mine}
    text = cut_ours(text, [key for key in owned if key not in wanted and key not in left])
    return Plan(splice(text, mine), tuple(block.keys[0] for block in mine), tuple(left))


def cut_ours(live: str, owned: Collection[str]) -> str:
    """Return `live` without the blocks for the keys in `owned` that are still ours.

    A block is ours if it has our comment, or, should that be lost, if it is bound as we bind ours: as the
    block for `.` is. One on other addresses is of somebody who serves the zone there.

    Raises:
        CorefileError: the text cannot be edited safely.
    """
    corefile = parse(live)
    roots = _roots(corefile)
    binds = {block.bind for block in roots}

    def is_ours(block: ServerBlock) -> bool:
        return is_marked(block) or not roots or block.bind in binds

    return cut(live, [key for key in owned if any(map(is_ours, corefile.serving(zone_keys(key)[0])))])


def root_block(corefile: Corefile) -> ServerBlock:
    """Return the block for `.`, which sets the port and the addresses to listen on.

    Raises:
        CorefileError: there is none, or several on different ports.
    """
    roots = _roots(corefile)
    if not roots:
        raise CorefileError(
            "there is no server block for `.`, so nobody can tell which port the cluster asks"
        )
    if len({_root_port(block) for block in roots}) > 1:
        raise CorefileError(
            "the server blocks for `.` listen on different ports", corefile.text, roots[1].start
        )
    return roots[0]


def zone_block(zone: ForwardedZone, root: ServerBlock, stack: str) -> ServerBlock:
    """Return the server block for `zone`, with only directives that CoreDNS 1.7.0 knows.

    Port and `bind` are those of the block for `.`: with another port nobody asks it, and without the
    bind it would open a second listener (coredns plugin/bind, "Avoiding Listener Contention").
    """
    directives = [Directive("errors"), Directive("cache", (str(zone.cache_seconds),))]
    directives += [Directive("bind", root.bind)] if root.bind else []
    directives += [_rewrite(name, target) for name, target in zone.rewrite]
    policy = (("policy", zone.policy),) if zone.policy else ()
    directives.append(Directive("forward", (".", *zone.servers), policy))
    return ServerBlock((f"{zone.zone}:{_root_port(root)}",), tuple(directives), marker(stack))


def forwards_alike(block: ServerBlock, wanted: ServerBlock) -> bool:
    """Tell whether `block` sends its zone where `wanted` does, whatever else it logs or caches."""

    def targets(candidate: ServerBlock) -> list[tuple[str, ...]]:
        forwards = candidate.named("forward") + candidate.named("proxy")
        return sorted(tuple(sorted(map(_with_port, directive.args[1:]))) for directive in forwards)

    def rewrites(candidate: ServerBlock) -> list[Directive]:
        return list(candidate.named("rewrite"))

    return targets(block) == targets(wanted) and rewrites(block) == rewrites(wanted)


def overlapping(corefile: Corefile, block: ServerBlock) -> ServerBlock | None:
    """Return the block that answers for `block`'s zone on one of its addresses, if there is one."""
    for standing in corefile.serving(block.zone_keys[0]):
        if not standing.bind or not block.bind or set(standing.bind) & set(block.bind):
            return standing
    return None


def _refuse_the_resolver_itself(corefile: Corefile, zones: Sequence[ForwardedZone]) -> None:
    for block in corefile.server_blocks:
        for zone in zones:
            if looping := [server for server in zone.servers if zone.address(server) in block.bind]:
                reason = f"the server {looping[0]} is this resolver itself, which would ask itself for ever"
                raise CorefileError(reason, corefile.text, block.start)


def _rewrite(name: str, target: str) -> Directive:
    """Return the rewrite of a question and, back again, of its answer.

    A regular expression and `answer name`, since `exact` gives back the answer's name only in newer
    versions, and a resolver does not accept an answer to another question.
    """
    question, answer = name.replace(".", r"\."), target.replace(".", r"\.")
    body = (
        ("name", "regex", rf"^{question}\.$", f"{target}."),
        ("answer", "name", rf"^{answer}\.$", f"{name}."),
    )
    return Directive("rewrite", ("stop",), body)


def _with_port(server: str) -> str:
    bare = server.removeprefix("dns://")
    return bare if _has_port(bare) else f"{bare}:53"


def _has_port(server: str) -> bool:
    return "]:" in server if "[" in server else server.count(":") == 1


def _roots(corefile: Corefile) -> list[ServerBlock]:
    return [block for block in corefile.server_blocks if any(map(_is_root, block.zone_keys))]


def _is_root(key: ZoneKey) -> bool:
    return key.zone == "." and key.transport == "dns"


def _root_port(block: ServerBlock) -> int:
    return next(key.port for key in block.zone_keys if _is_root(key))
