"""What a Corefile is made of, as data, and which of its server blocks CoreDNS takes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from components.dns.corefile.keys import ZoneKey, zone_keys
from components.dns.corefile.lexer import CorefileError

_Addresses = frozenset[str | None]
_EVERY_ADDRESS: _Addresses = frozenset({None})


@dataclass(frozen=True)
class Directive:
    """One line of a server block, with the lines of its own `{ }` where it has any."""

    name: str
    args: tuple[str, ...] = ()
    body: tuple[tuple[str, ...], ...] = ()
    start: int = field(default=0, compare=False)
    """Offset of the plugin's name in the text."""

    def words_of(self, option: str) -> list[str]:
        """Return the words behind `option` in the lines of its own."""
        return [word for line in self.body if line[0] == option for word in line[1:]]


@dataclass(frozen=True)
class ServerBlock:
    """One server block: the zones it answers for and how.

    Two blocks are equal when CoreDNS would see no difference; place and comment do not count.
    """

    keys: tuple[str, ...]
    directives: tuple[Directive, ...]
    comment: str = field(default="", compare=False)
    """The one-line comment directly above the block, without `# `."""
    start: int = field(default=0, compare=False)
    """Offset of the first key."""
    end: int = field(default=0, compare=False)
    """Offset after the closing brace."""
    expanded: tuple[Directive, ...] = field(default=(), compare=False)
    """The directives, with snippets of the same text in the place of their imports; none where nothing was
    parsed. Files stay unknown."""

    @cached_property
    def zone_keys(self) -> tuple[ZoneKey, ...]:
        """The keys, normalised."""
        return tuple(zone for key in self.keys for zone in zone_keys(key))

    @cached_property
    def plugins(self) -> tuple[Directive, ...]:
        """All directives that CoreDNS would see: the snippets' in place of the lines that import them."""
        return tuple(line for line in self.expanded or self.directives if line.name != "import")

    def named(self, name: str) -> tuple[Directive, ...]:
        """Return the plugins called `name`."""
        return tuple(line for line in self.plugins if line.name == name)

    @property
    def bind(self) -> tuple[str, ...]:
        """The addresses or interfaces the block listens on; empty means all of them."""
        return tuple(address for line in self.named("bind") for address in line.args)


@dataclass(frozen=True)
class Corefile:
    """A parsed Corefile."""

    text: str
    server_blocks: tuple[ServerBlock, ...]
    imports: tuple[str, ...]
    """The files or globs that are imported at top level, such as `/etc/coredns/custom/*.server`."""

    def serving(self, key: ZoneKey) -> tuple[ServerBlock, ...]:
        """Return the server blocks that answer for `key`, in order (several when they bind apart)."""
        return tuple(block for block in self.server_blocks if key in block.zone_keys)


def refuse_overlaps(text: str, blocks: Sequence[ServerBlock]) -> None:
    """Refuse what CoreDNS's `register.go` would: a zone twice on one listener, or once bound and once not.

    Raises:
        CorefileError: there are such blocks.
    """
    # CoreDNS before 1.10 gives a block's `bind` only to its first key when it looks for overlaps.
    taken: dict[ZoneKey, _Addresses] = {}
    taken_in_old: dict[ZoneKey, _Addresses] = {}
    for block in blocks:
        bind = block.bind
        addresses: _Addresses = frozenset(bind) if bind else _EVERY_ADDRESS
        if len(addresses) < len(bind):
            raise CorefileError("a server block binds twice to one address", text, block.start)
        viewed = bool(block.named("view"))
        for index, key in enumerate(block.zone_keys):
            if viewed:  # may share a zone, if it is bound in the same way; older versions know no views
                if _mixed(taken.get(key), addresses):
                    raise _overlap(text, block, key)
                continue
            _take(taken, key, addresses, text, block)
            _take(taken_in_old, key, _EVERY_ADDRESS if index else addresses, text, block)


def _take(
    taken: dict[ZoneKey, _Addresses], key: ZoneKey, addresses: _Addresses, text: str, block: ServerBlock
) -> None:
    there = taken.get(key)
    if there is None:
        taken[key] = addresses
    elif there & addresses or _mixed(there, addresses):
        raise _overlap(text, block, key)
    else:
        taken[key] = there | addresses


def _mixed(there: _Addresses | None, addresses: _Addresses) -> bool:
    """Tell whether one of the two listens on every address, and the other on some."""
    return there is not None and (None in there) != (None in addresses)


def _overlap(text: str, block: ServerBlock, key: ZoneKey) -> CorefileError:
    return CorefileError(f"two server blocks answer for {key}", text, block.start)
