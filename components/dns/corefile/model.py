"""What a Corefile is made of, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from components.dns.corefile.keys import ZoneKey, zone_keys


class Directive(NamedTuple):
    """One line of a server block, with the lines of its own `{ }` where it has any."""

    name: str
    args: tuple[str, ...] = ()
    body: tuple[tuple[str, ...], ...] = ()


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
    imported: tuple[Directive, ...] = field(default=(), compare=False)
    """What the block's `import` lines bring from snippets of the same text. Files stay unknown."""

    @cached_property
    def zone_keys(self) -> tuple[ZoneKey, ...]:
        """The keys, normalised."""
        if len(self.keys) == 1:
            return zone_keys(self.keys[0])
        return tuple(zone for key in self.keys for zone in zone_keys(key))

    def named(self, name: str) -> tuple[Directive, ...]:
        """Return the directives called `name`, in order."""
        return tuple(directive for directive in self.directives if directive.name == name)

    @property
    def bind(self) -> tuple[str, ...]:
        """The addresses or interfaces the block listens on; empty means all of them."""
        lines = [line for line in self.directives if line.name == "bind"]
        lines += [line for line in self.imported if line.name == "bind"]
        return tuple(address for line in lines for address in line.args) if lines else ()


@dataclass(frozen=True)
class Corefile:
    """A parsed Corefile."""

    text: str
    server_blocks: tuple[ServerBlock, ...]
    imports: tuple[str, ...]
    """The files or globs that are imported at top level, such as `/etc/coredns/custom/*.server`."""

    def serving(self, key: ZoneKey) -> tuple[ServerBlock, ...]:
        """Return the server blocks that answer for `key`, in order (several when they bind apart)."""
        return tuple(self._by_key.get(key, ()))

    @cached_property
    def _by_key(self) -> dict[ZoneKey, list[ServerBlock]]:
        found: dict[ZoneKey, list[ServerBlock]] = {}
        for block in self.server_blocks:
            for key in dict.fromkeys(block.zone_keys):
                found.setdefault(key, []).append(block)
        return found
