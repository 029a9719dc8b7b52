"""What a Corefile becomes so that zones are answered. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from components.dns.alike import Pair, difference, doubts
from components.dns.corefile import (
    Corefile,
    CorefileError,
    ServerBlock,
    cut,
    cut_markers,
    is_marked,
    parse,
    render,
    splice,
)
from components.dns.corefile.imports import FOLDER
from components.dns.effect import answered_already, effect, longer_zones, onward
from components.dns.leading_in import Taken
from components.dns.mounts import custom_key, imported_folder
from components.dns.plugins import FORWARDERS
from components.dns.view import View, has_capitals, share_an_address, view
from components.dns.zones import (
    AnyZone,
    HostsZone,
    Listeners,
    in_zone,
    listeners,
    server_address,
    zone_block,
)


@dataclass(frozen=True)
class Ownership:
    """How our own blocks are known."""

    stack: str
    owned: Collection[str] = ()
    """The keys of the blocks that the state remembers, such as `protobox:53`."""
    written: Collection[str] = ()
    """Their texts, as they were written last."""
    before: Sequence[AnyZone] = ()
    """The zones of the last `up`, for states that do not have the texts."""


@dataclass(frozen=True)
class Surroundings:
    """What a Corefile does not say itself."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Whole path → text, of the files in CoreDNS's pods."""
    folder: str = FOLDER
    """The folder of the Corefile in them."""
    hidden: Collection[str] = ()
    """Folders in them whose files nobody here can read."""
    cluster: Collection[str] = ()
    """The cluster's own zones, where another Corefile says them."""
    hosts: Collection[str] = ()
    """The names that have to resolve; none: every name of the zones."""
    added: str = ""
    """What is put behind the Corefile before it is loaded."""
    own_file: str = ""
    """The imported file that our blocks go into; "" for the Corefile itself."""


@dataclass(frozen=True)
class Plan:
    """The outcome of planning one Corefile."""

    text: str
    """The whole new text, parsed again."""
    owned: tuple[str, ...]
    """Our blocks' keys, such as `protobox:53`: what `destroy` takes out again."""
    served_by_others: tuple[str, ...]
    """Keys that somebody else serves in the same way already; left to them."""
    written: tuple[str, ...] = ()
    """Our blocks as text."""
    taken: tuple[Taken, ...] = ()
    """The names whose answers change for others."""
    warnings: tuple[str, ...] = ()


def plan(live: str, zones: Sequence[AnyZone], ours: Ownership, around: Surroundings | None = None) -> Plan:
    """Return what `live` has to become so that `zones` are answered.

    With `around.own_file`, it is that file whose text is returned; the Corefile stays as it is.

    Raises:
        CorefileError: the text cannot be edited safely, somebody else serves a zone differently, or names
            of the cluster itself would change hands.
    """
    around = around or Surroundings()
    target, standing_ours = (live, []) if around.own_file else _our_blocks(live, zones, ours)
    bare = cut(target, standing_ours)
    files = {path: text for path, text in around.files.items() if path != around.own_file}
    seen = view(bare + around.added, files, around.folder, around.hidden)
    where = listeners(seen.corefile)
    _refuse_the_resolver_itself(seen, zones)
    mine: list[ServerBlock] = []
    served_by_others: list[str] = []
    taken: dict[Taken, None] = {}
    warnings = _unknown_blocks(bare, ours.stack)
    for zone in zones:
        block = _block(zone, where, ours.stack, seen)
        standing = _standing(seen.corefile, block)
        if standing:
            warnings += _served_alike(standing, block, zone, around.hosts, seen)
            served_by_others += block.keys
        elif isinstance(zone, HostsZone) and answered_already(block, seen, zone.addresses):
            served_by_others += block.keys
        else:
            changed = effect(block, seen, around.cluster)
            taken |= dict.fromkeys(changed.taken)
            warnings += [f"{zone.zone}: {warning}" for warning in changed.warnings]
            if isinstance(zone, HostsZone) and ("fallthrough",) not in block.named("hosts")[0].body:
                warnings.append(f"the names below {zone.zone} get SERVFAIL, since no block forwards them")
            mine.append(block)
    if not around.own_file:
        text = splice(target, mine, standing_ours)
    else:  # the whole file is ours
        text = "\n\n".join(map(render, mine)) + "\n" if mine else ""
        view(live, {**files, around.own_file: text}, around.folder, around.hidden)
    return Plan(
        text,
        tuple(key for block in mine for key in block.keys),
        tuple(served_by_others),
        tuple(render(block) for block in mine),
        tuple(taken),
        tuple(warnings),
    )


def _served_alike(
    standing: ServerBlock, block: ServerBlock, zone: AnyZone, hosts: Collection[str], seen: View
) -> list[str]:
    """Return the warnings where somebody else's block answers for a zone as ours would.

    Raises:
        CorefileError: it answers otherwise.
    """
    asked = [host for host in hosts if in_zone(host, zone.zone)] or [zone.zone]
    pair = Pair(standing, block, zone, asked)
    if why := difference(pair, seen):
        what = f"a server block of somebody else answers for {block.keys[0]}"
        raise CorefileError(f"{what}, and not as this stack would: {why}")
    told = (*doubts(pair, seen), *longer_zones(block, seen))
    warnings = [f"{zone.zone}: {warning}" for warning in told]
    if not has_capitals(standing):
        return warnings
    capitals = (
        f"{zone.zone}: the server block for it ({seen.place(standing.start)}) is left to its author; "
        "but CoreDNS before 1.10 gives a key in capital letters no question, and there "
        f"{', '.join(asked)} would not resolve: write the key in small letters"
    )
    return [capitals, *warnings]


def _block(zone: AnyZone, where: Listeners, stack: str, seen: View) -> ServerBlock:
    block = zone_block(zone, where, stack)
    if isinstance(zone, HostsZone) and (lines := onward(block, seen)):
        return zone_block(zone, where, stack, lines)
    return block


def without_ours(live: str, ours: Ownership) -> str:
    """Return `live` without our blocks and their comments; every other byte is as it was.

    Raises:
        CorefileError: the text cannot be read.
    """
    target, blocks = _our_blocks(live, (), ours)
    return cut(target, blocks)


def own_file(corefile: str, ours: Ownership, folder: str = FOLDER) -> str:
    """Return the path of the imported file that the zones go into, "" for the Corefile itself.

    That is where the Corefile imports a folder for users' own server blocks, and has none of ours yet.

    Raises:
        CorefileError: the text does not parse.
    """
    target = imported_folder(corefile, folder)
    if target is None or without_ours(corefile, ours) != corefile:
        return ""
    return f"{target[0]}/{custom_key(ours.stack, target[1])}"


def _our_blocks(live: str, zones: Sequence[AnyZone], ours: Ownership) -> tuple[str, list[ServerBlock]]:
    """Return `live` without comments of ours that have lost their block, and our blocks in it.

    A block is ours if its text is what was written last, or if our comment stands directly above it; a
    state forgets, when an `up` is killed, and kubeadm's migration drops comments.
    """
    names = {zone.zone for zone in zones} | {key.rpartition(":")[0] for key in ours.owned}

    def is_ours(block: ServerBlock, texts: Collection[ServerBlock]) -> bool:
        zone = _only_zone(block)
        return zone in names and (is_marked(block, ours.stack) or block in texts)

    parsed = parse(live, overlaps=True)
    texts = [block for text in ours.written for block in parse(text).server_blocks]
    if not ours.written and ours.owned and ours.before:
        try:
            where = listeners(parsed)
        except CorefileError:
            pass  # then the comment alone tells
        else:
            plain = replace(where, metrics=())  # as the versions wrote it whose states have no texts
            texts = [zone_block(zone, plain, ours.stack) for zone in ours.before]
    kept = [block for block in parsed.server_blocks if is_ours(block, texts) or _looks_like_ours(block)]
    target = cut_markers(live, ours.stack, kept)
    blocks = parse(target, overlaps=True).server_blocks
    return target, [block for block in blocks if is_ours(block, texts)]


def _only_zone(block: ServerBlock) -> str:
    """Return the one zone that a block answers for, "" where there are several."""
    zones = {key.name for key in block.zone_keys}
    return zones.pop() if len(zones) == 1 else ""


def _looks_like_ours(block: ServerBlock) -> bool:
    names = {line.name for line in block.plugins} - {"bind", "rewrite", "prometheus"}
    return "errors" in names and names - {"errors", "cache", "hosts"} <= FORWARDERS


def _unknown_blocks(bare: str, stack: str) -> list[str]:
    """Return a warning for each block under our comment of which neither state nor stack file know."""
    return [
        f"the server block for {block.keys[0]} has this stack's comment, but the stack file does not name "
        "it: take it out by hand if nobody needs it"
        for block in parse(bare, overlaps=True).server_blocks
        if is_marked(block, stack)
    ]


def _standing(corefile: Corefile, block: ServerBlock) -> ServerBlock | None:
    """Return the block that answers for `block`'s zone where it would listen, if there is one."""
    for key in block.zone_keys:
        for standing in corefile.serving(key):
            if share_an_address(standing, block):
                return standing
    return None


def _refuse_the_resolver_itself(seen: View, zones: Sequence[AnyZone]) -> None:
    for block in seen.corefile.server_blocks:
        listens = {(address, key.port) for address in block.bind for key in block.zone_keys}
        for zone in zones:
            if looping := [server for server in zone.servers if server_address(server) in listens]:
                reason = f"the server {looping[0]} is this resolver itself, which would ask itself for ever"
                raise seen.error(reason, block.start, "choose another server (protobox-cd:dns.servers)")
