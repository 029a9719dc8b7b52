"""Read a Corefile as CoreDNS groups it: server blocks, snippets and imports, with their places.

Structure only, after `caddyfile/parse.go` of coredns/caddy: which plugins exist and what they accept
differs between CoreDNS builds and is CoreDNS's to judge. Where CoreDNS is more lenient than is safe
for an edit (a brace-less file, a missing last brace), this parser refuses.
"""

from __future__ import annotations

from components.dns.corefile.directives import Snippets, import_target, read_directives
from components.dns.corefile.keys import depends_on_environment
from components.dns.corefile.lexer import CorefileError, tokens
from components.dns.corefile.structure import Corefile, ServerBlock, refuse_overlaps


def parse(text: str, *, overlaps: bool = False) -> Corefile:
    """Return the structure of `text`, in linear time.

    With `overlaps`, it may have two server blocks for one zone, which CoreDNS refuses: to find which is ours.

    Raises:
        CorefileError: CoreDNS would refuse the structure, or the text is one that must not be
            edited: brace-less, a key that only the environment knows, a closing brace missing.
    """
    return _Parser(text).parse(overlaps=overlaps)


class _Parser:
    """A cursor over the tokens; every method leaves it on the first token it did not use."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.blocks: list[ServerBlock] = []
        self.imports: list[str] = []
        self.snippets = Snippets(text, self.tokens)

    def parse(self, *, overlaps: bool) -> Corefile:
        while self.position < len(self.tokens):
            if self.tokens[self.position].text == "import" and self.tokens[self.position].first:
                self._top_level_import()
            else:
                self._block()
        if not overlaps:
            refuse_overlaps(self.text, self.blocks)
        return Corefile(self.text, tuple(self.blocks), tuple(self.imports))

    def _block(self) -> None:
        first = self.position
        keys = self._keys()
        opening = self.position
        if opening == len(self.tokens) or self.tokens[opening].text != "{":
            raise self._error(
                "the Corefile has no braces: it is one server, and an appended block would become part of it",
                first,
            )
        self.position += 1
        if len(keys) == 1 and keys[0].startswith("(") and keys[0].endswith(")"):
            self._snippet(keys[0][1:-1], opening)
            return
        directives, closing = read_directives(self.text, self.tokens, self.position, len(self.tokens))
        if closing == len(self.tokens):
            raise self._error("this brace is never closed", opening)
        self.position = closing + 1
        start = self.tokens[first].start
        expanded = self.snippets.expanded(directives, start)
        if keys:  # CoreDNS passes over a block without a key
            end = self.tokens[closing].end
            block = ServerBlock(keys, directives, _comment_above(self.text, start), start, end, expanded)
            self._check_keys(block, first)
            self.blocks.append(block)

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        more = False
        start = self.position
        while self.position < len(self.tokens):
            word, _, _, first, _ = self.tokens[self.position]
            if word == "{" or (first and self.position > start and not more):
                break
            self._check_key(word, first=first)
            if word:
                more = word.endswith(",")
                keys.append(word[:-1] if more else word)
            self.position += 1
        if more:
            last = min(self.position, len(self.tokens) - 1)
            what = "text ends" if self.position == len(self.tokens) else "block begins"
            raise self._error(f"a comma announces another key, but the {what}", last)
        return tuple(keys)

    def _check_key(self, word: str, *, first: bool) -> None:
        if word == "}":
            raise self._error("a closing brace without its opening brace", self.position)
        if first and word == "import":
            raise self._error("an import between the keys of a server block", self.position)
        if depends_on_environment(word):
            raise self._error(
                f"only CoreDNS's own environment knows what the key {word!r} means, "
                "so nobody can tell whether a zone is already served",
                self.position,
            )

    def _check_keys(self, block: ServerBlock, first: int) -> None:
        try:
            _ = block.zone_keys
        except ValueError as error:
            raise self._error(str(error), first) from None

    def _snippet(self, name: str, opening: int) -> None:
        depth = 1
        while self.position < len(self.tokens):
            word = self.tokens[self.position].text
            self.position += 1
            if word == "{":
                depth += 1
            elif word == "}":
                depth -= 1
                if not depth:
                    self.snippets.define(name, opening + 1, self.position - 1)
                    return
        raise self._error("this brace is never closed", opening)

    def _top_level_import(self) -> None:
        target = import_target(self.text, self.tokens, self.position)
        if target in self.snippets:
            reason = f"the snippet {target!r} is imported outside a server block"
            raise self._error(reason, self.position)
        self.imports.append(target)
        self.position += 2

    def _error(self, reason: str, position: int) -> CorefileError:
        return CorefileError(reason, self.text, self.tokens[position].start)


def _comment_above(text: str, start: int) -> str:
    """Return the comment on the line directly above the line of `start`, without `# `; else ""."""
    line_start = text.rfind("\n", 0, start) + 1
    if line_start == 0 or text[line_start:start].strip():
        return ""
    above = text[text.rfind("\n", 0, line_start - 1) + 1 : line_start - 1].strip()
    return above.removeprefix("#").strip() if above.startswith("#") else ""
