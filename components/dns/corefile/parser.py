"""Read a Corefile as CoreDNS groups it: server blocks, snippets and imports, with their places.

Structure only, after `caddyfile/parse.go` of coredns/caddy: which plugins exist and what they accept
differs between CoreDNS builds and is CoreDNS's to judge. Where CoreDNS is more lenient than is safe
for an edit (a brace-less file, a missing last brace), this parser refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from components.dns.corefile.errors import CorefileError
from components.dns.corefile.keys import ZoneKey, depends_on_environment, zone_keys
from components.dns.corefile.lexer import Token, lex


@dataclass(frozen=True)
class Directive:
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

    @cached_property
    def zone_keys(self) -> tuple[ZoneKey, ...]:
        """The keys, normalised."""
        return tuple(zone for key in self.keys for zone in zone_keys(key))

    def named(self, name: str) -> tuple[Directive, ...]:
        """Return the directives called `name`, in order."""
        return tuple(directive for directive in self.directives if directive.name == name)

    @property
    def bind(self) -> tuple[str, ...]:
        """The addresses or interfaces the block listens on; empty means all of them."""
        return tuple(address for directive in self.named("bind") for address in directive.args)


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


def parse(text: str) -> Corefile:
    """Return the structure of `text`, in linear time.

    Raises:
        CorefileError: CoreDNS would refuse the structure, or the text is one that must not be
            edited: brace-less, a key that only the environment knows, a closing brace missing.
    """
    return _Parser(text).parse()


class _Parser:
    """A cursor over the tokens; every method leaves it on the first token it did not use."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = lex(text)
        self.position = 0
        self.blocks: list[ServerBlock] = []
        self.imports: list[str] = []
        self.snippets: set[str] = set()

    def parse(self) -> Corefile:
        while self.position < len(self.tokens):
            if self._is("import") and self._starts_line():
                self._top_level_import()
            else:
                self._block()
        self._refuse_overlaps()
        return Corefile(self.text, tuple(self.blocks), tuple(self.imports))

    def _refuse_overlaps(self) -> None:
        """Refuse two blocks for one zone and port on one listener, as CoreDNS's `register.go` does."""
        listeners: dict[ZoneKey, set[str]] = {}
        for block in self.blocks:
            if block.named("view") or block.named("import"):
                continue  # a view may share a zone; an import may bring a bind or a view
            for key in block.zone_keys:
                taken = listeners.setdefault(key, set())
                wanted = set(block.bind or ("",))
                if taken and ("" in taken | wanted or taken & wanted):
                    raise CorefileError(f"two server blocks answer for {key}", self.text, block.start)
                taken |= wanted

    def _block(self) -> None:
        first = self.tokens[self.position]
        keys = self._keys()
        if not self._is("{"):
            raise self._error(
                "the Corefile has no braces: it is one server, and an appended block would become part of it",
                first,
            )
        opening = self.tokens[self.position]
        self.position += 1
        if len(keys) == 1 and keys[0].startswith("(") and keys[0].endswith(")"):
            self._snippet(keys[0][1:-1], opening)
            return
        directives = self._directives(opening)
        closing = self.tokens[self.position - 1]
        if keys:
            comment = comment_above(self.text, first.start)
            block = ServerBlock(keys, directives, comment, first.start, closing.end)
            self._check_keys(block, first)
            self.blocks.append(block)

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        more = False
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token.text == "{":
                if more:
                    raise self._error("a comma announces another key, but the block begins", token)
                break
            if token.text == "}":
                raise self._error("a closing brace without its opening brace", token)
            if token.text:
                more = token.text.endswith(",")
                keys.append(token.text.removesuffix(","))
            self.position += 1
            if not more and self._starts_line():
                break
        if more and self.position == len(self.tokens):
            raise self._error("a comma announces another key, but the text ends", self.tokens[-1])
        return tuple(keys)

    def _check_keys(self, block: ServerBlock, first: Token) -> None:
        for key in block.keys:
            if depends_on_environment(key):
                raise self._error(
                    f"only CoreDNS's own environment knows what the key {key!r} means, "
                    "so nobody can tell whether a zone is already served",
                    first,
                )
        try:
            _ = block.zone_keys
        except ValueError as error:
            raise self._error(str(error), first) from None

    def _snippet(self, name: str, opening: Token) -> None:
        if name in self.snippets:
            raise self._error(f"the snippet {name!r} is defined twice", opening)
        self.snippets.add(name)
        depth = 1
        while self.position < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.position].text, 0)
            self.position += 1
            if not depth:
                return
        raise self._error("this brace is never closed", opening)

    def _directives(self, opening: Token) -> tuple[Directive, ...]:
        directives: list[Directive] = []
        while self.position < len(self.tokens):
            if self._is("}"):
                self.position += 1
                return tuple(directives)
            directives.append(self._directive())
        raise self._error("this brace is never closed", opening)

    def _directive(self) -> Directive:
        name = self.tokens[self.position]
        if name.text == "{":
            raise self._error("a brace where a plugin's name is expected", name)
        self.position += 1
        lines: list[list[str]] = [[]]
        depth = 0
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token.text == "{":
                depth += 1
            elif not depth and token.first:
                break
            elif token.text == "}":
                if not depth:
                    raise self._error("a closing brace must stand on a line of its own", token)
                depth -= 1
            if token.first:
                lines.append([])
            lines[-1].append(token.text)
            self.position += 1
        if depth:
            raise self._error(f"the braces of {name.text!r} are never closed", name)
        if name.text == "import" and [len(line) for line in lines] != [1]:
            raise self._error("import takes one file, glob or snippet", name)
        return _directive_of(name.text, lines)

    def _top_level_import(self) -> None:
        keyword = self.tokens[self.position]
        self.position += 1
        if self.position == len(self.tokens) or self._starts_line():
            raise self._error("import needs a file or a glob", keyword)
        target = self.tokens[self.position].text
        self.position += 1
        if self.position < len(self.tokens) and not self._starts_line():
            raise self._error("import takes one file or glob", keyword)
        if target in self.snippets:
            raise self._error(f"the snippet {target!r} is imported outside a server block", keyword)
        self.imports.append(target)

    def _is(self, text: str) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position].text == text

    def _starts_line(self) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position].first

    def _error(self, reason: str, token: Token) -> CorefileError:
        return CorefileError(reason, self.text, token.start)


def _directive_of(name: str, lines: list[list[str]]) -> Directive:
    """Return a directive from its lines of words; its own outer braces are taken off."""
    head = lines[0]
    if "{" not in head:
        body = lines[1:]
        args = head
    else:
        opening = head.index("{")
        args, body = head[:opening], [head[opening:], *lines[1:]]
    if body:
        body[0] = body[0][1:]
        body[-1] = body[-1][:-1] if body[-1] and body[-1][-1] == "}" else body[-1]
    return Directive(name, tuple(args), tuple(tuple(line) for line in body if line))


def comment_above(text: str, start: int) -> str:
    """Return the comment on the line directly above the line of `start`, without `# `; else ""."""
    line_start = text.rfind("\n", 0, start) + 1
    if line_start == 0 or text[line_start:start].strip():
        return ""
    above = text[text.rfind("\n", 0, line_start - 1) + 1 : line_start - 1].strip()
    return above.removeprefix("#").strip() if above.startswith("#") else ""
