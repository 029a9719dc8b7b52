"""The resolver that a Corefile makes: all that CoreDNS's pods read, and who gets the questions for a zone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from components.dns.corefile import Corefile, CorefileError, ServerBlock, ZoneKey, parse
from components.dns.corefile.imports import FOLDER, Expanded, expand
from components.dns.zones import in_zone
from components.stackfile.addresses import is_ip


@dataclass(frozen=True)
class View:
    """What is known of one resolver."""

    corefile: Corefile
    """All server blocks, in one text that all offsets are in."""
    expanded: Expanded
    """Where each piece of that text comes from."""
    files: Mapping[str, str]
    """Whole path → text, of the files in CoreDNS's pods that can be read."""
    hidden: Collection[str] = ()
    """Folders and files in them of which nobody here knows anything."""

    def place(self, offset: int) -> str:
        """Return where the character at `offset` stands, in words."""
        return self.expanded.place(offset)

    def error(self, reason: str, offset: int, fix: str = "") -> CorefileError:
        """Return an error about what stands at `offset`."""
        if len(self.expanded.pieces) == 1:
            return CorefileError(reason, self.corefile.text, offset, fix)
        return CorefileError(f"{reason} ({self.place(offset)})", fix=fix)


def view(text: str, files: Mapping[str, str], folder: str = FOLDER, hidden: Collection[str] = ()) -> View:
    """Return the resolver that a Corefile with this text makes; the arguments are those of `expand`.

    Raises:
        CorefileError: CoreDNS would refuse the structure, or a part of it cannot be read.
    """
    expanded = expand(text, files, folder, hidden)
    try:
        return View(parse(expanded.text), expanded, files, hidden)
    except CorefileError as error:
        if error.offset is None or len(expanded.pieces) == 1:
            raise
        raise CorefileError(f"{error.reason} ({expanded.place(error.offset)})") from None


@dataclass(frozen=True)
class Standing:
    """One zone of one server block."""

    block: ServerBlock
    key: ZoneKey

    @property
    def zone(self) -> str:
        """The zone, without its final dot."""
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
        """Tell whether it and `block` may get the same question."""
        if self.key.transport != "dns" or self.key.port not in {key.port for key in block.zone_keys}:
            return False
        return share_an_address(self.block, block)

    def listens_wherever(self, block: ServerBlock) -> bool:
        """Tell whether it gets every question for its zone that would come to `block`."""
        ports = {key.port for key in self.block.zone_keys if key.zone == self.key.zone}
        return ports >= {key.port for key in block.zone_keys} and listens_at_least(self.block, block)


def _near(block: ServerBlock, view: View) -> list[Standing]:
    """Return the zones of all blocks that share a listener with `block`."""
    standing = (Standing(other, key) for other in view.corefile.server_blocks for key in other.zone_keys)
    return [each for each in standing if each.shares_a_listener_with(block)]


def blocks_below(block: ServerBlock, view: View) -> list[Standing]:
    """Return the blocks for zones below the one zone of `block`."""
    zone = block.zone_keys[0].name
    return [each for each in _near(block, view) if in_zone(each.zone, zone) and each.zone != zone]


def blocks_above(block: ServerBlock, view: View) -> list[Standing]:
    """Return who gets the names of the zone of `block` today: on each listener that of the longest zone."""
    zone = block.zone_keys[0].name
    above = [
        each
        for each in _near(block, view)
        if each.zone == "." or (in_zone(zone, each.zone) and each.zone != zone)
    ]
    chosen: list[Standing] = []
    for port in {key.port for key in block.zone_keys}:
        for address in block.bind or ("",):
            here = [
                each
                for each in above
                if each.key.port == port
                and (not address or not each.block.bind or address in each.block.bind)
            ]
            longest = max((each.length for each in here if each.is_found), default=0)
            chosen += [each for each in here if each.length >= longest]
    return list(dict.fromkeys(chosen))


def has_capitals(block: ServerBlock) -> bool:
    """Tell whether a key of the block has capital letters."""
    return any(key != key.lower() for key in block.keys)


def share_an_address(block: ServerBlock, other: ServerBlock) -> bool:
    """Tell whether both may get the same question; of an interface nobody here knows the addresses."""
    words = {word.partition("%")[0] for word in (*block.bind, *other.bind)}
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
