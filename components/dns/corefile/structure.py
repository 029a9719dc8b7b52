"""What a Corefile is made of, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from components.dns.corefile.keys import ZoneKey, zone_keys


@dataclass(frozen=True)
class Directive:
    """One line of a server block, with the lines of its own `{ }` where it has any."""

    name: str
    args: tuple[str, ...] = ()
    body: tuple[tuple[str, ...], ...] = ()
    start: int = field(default=0, compare=False)
    """Offset of the plugin's name in the text."""


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
