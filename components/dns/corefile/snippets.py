"""The snippets of a Corefile, `(name) { … }`, and what importing them brings into a server block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from components.dns.corefile.corefile_error import CorefileError
from components.dns.corefile.directives import read_directives
from components.dns.corefile.keys import depends_on_environment
from components.dns.corefile.lexer import Token
from components.dns.corefile.structure import Directive

_MOST_EXPANSIONS = 10_000  # as in newer versions of coredns/caddy; older ones go on for ever
_DEEPEST = 100


class Snippets:
    """What is defined so far: CoreDNS knows a snippet only below its definition."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._bodies: dict[str, tuple[int, int]] = {}
        self._imports: dict[str, list[str]] = {}
        self._expansions: dict[str, int] = {}
        self._directives: dict[str, tuple[Directive, ...]] = {}
        self._total = 0

    def __contains__(self, name: str) -> bool:
        return name in self._bodies

    def define(self, name: str, start: int, end: int) -> None:
        """Add a snippet, whose tokens are those from `start` on, its last brace at `end` excluded.

        Raises:
            CorefileError: it is there already, or it imports itself, or may.
        """
        words = [token.text for token in self._tokens[start:end]]
        imports = [target for keyword, target in pairwise(words) if keyword == "import"]
        wrong = ""
        if name in self._bodies:
            wrong = "is defined twice"
        elif name in imports:
            wrong = "imports itself"
        elif any(map(depends_on_environment, imports)):
            wrong = "imports what only CoreDNS's own environment knows, perhaps itself"
        if wrong:
            start = self._tokens[start - 1].start
            raise CorefileError(f"the snippet {name!r} {wrong}", self._text, start)
        self._bodies[name] = (start, end)
        self._imports[name] = imports
        # A snippet may name one that is defined below it.
        self._expansions.clear()
        self._directives.clear()

    def expanded(self, directives: tuple[Directive, ...], start: int) -> tuple[Directive, ...]:
        """Return `directives`, of a block that begins at `start`, with snippets in place of their imports.

        Raises:
            CorefileError: the snippets import one another in a circle, or more often than CoreDNS allows.
        """
        if not self._bodies:
            return directives
        for directive in directives:
            targets = [line[1] for line in directive.body if len(line) > 1 and line[0] == "import"]
            targets += directive.args if directive.name == "import" else ()
            self._total += sum(self._count(target, start, 0) for target in targets)
            if self._total > _MOST_EXPANSIONS:
                raise CorefileError(
                    f"snippets are imported more than {_MOST_EXPANSIONS} times", self._text, start
                )
        return tuple(self._flat(directives))

    def _count(self, name: str, start: int, depth: int) -> int:
        if name not in self._bodies:
            return 0
        if depth > _DEEPEST:
            reason = f"snippets import one another in a circle, or more than {_DEEPEST} deep"
            raise CorefileError(reason, self._text, start)
        if name not in self._expansions:
            nested = (self._count(target, start, depth + 1) for target in self._imports[name])
            self._expansions[name] = 1 + sum(nested)
        return self._expansions[name]

    def _expand(self, directive: Directive) -> tuple[Directive, ...]:
        name = directive.args[0]
        if name not in self._bodies:
            return ()
        if name not in self._directives:
            written, _ = read_directives(self._text, self._tokens, *self._bodies[name])
            self._directives[name] = tuple(self._flat(written))
        return self._directives[name]

    def _flat(self, directives: Iterable[Directive]) -> Iterator[Directive]:
        for directive in directives:
            if directive.name == "import":
                yield from self._expand(directive)
            else:
                yield replace(directive, body=tuple(self._lines(directive.body)))

    def _lines(self, body: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
        for line in body:
            if line[0] == "import" and line[1:] and line[1] in self._bodies:
                lines: list[list[str]] = [[]]
                for token in self._tokens[slice(*self._bodies[line[1]])]:
                    if token.first:
                        lines.append([])
                    lines[-1].append(token.text)
                yield from self._lines(tuple(words) for words in lines if words)
            else:
                yield line
