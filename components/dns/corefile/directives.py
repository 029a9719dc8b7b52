"""Read the lines of a server block, after `caddyfile/parse.go`, and those that its snippets bring.

A snippet is `(name) { … }`, and an `import` of it stands for its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from components.dns.corefile.keys import depends_on_environment
from components.dns.corefile.lexer import CorefileError, Token
from components.dns.corefile.structure import Directive

_TOO_WILD = re.compile(r"\[|\*.*\*|\?.*\?", re.DOTALL)
_MOST_EXPANSIONS = 10_000  # as in newer versions of coredns/caddy; older ones go on for ever
_DEEPEST = 100


def read_directives(
    text: str, tokens: Sequence[Token], position: int, end: int
) -> tuple[tuple[Directive, ...], int]:
    """Return the directives between `position` and `end`, and the position of the brace behind them.

    Raises:
        CorefileError: CoreDNS would refuse the structure.
    """
    directives: list[Directive] = []
    while position < end and tokens[position].text != "}":
        directive, position = _read_directive(text, tokens, position, end)
        directives.append(directive)
    return tuple(directives), position


def import_target(text: str, tokens: Sequence[Token], position: int) -> str:
    """Return what the `import` at `position` imports.

    Raises:
        CorefileError: its line does not hold exactly one target, or CoreDNS would not take that one.
    """
    behind = tokens[position + 1 : position + 3]
    begins_line = [*(token.first for token in behind), True, True]
    target = "" if begins_line[0] or not begins_line[1] else behind[0].text
    if target in {"", "{", "}"}:
        raise CorefileError("import takes one file, glob or snippet", text, tokens[position].start)
    if depends_on_environment(target):
        reason = f"only CoreDNS's own environment knows what {target!r} imports"
        raise CorefileError(reason, text, tokens[position].start)
    if _TOO_WILD.search(target):
        raise CorefileError("an import may hold one `*` or one `?`", text, tokens[position].start)
    return target


def _read_directive(text: str, tokens: Sequence[Token], position: int, end: int) -> tuple[Directive, int]:
    name = tokens[position].text
    if name == "{":
        raise CorefileError("a brace where a plugin's name is expected", text, tokens[position].start)
    if depends_on_environment(name):
        reason = f"only CoreDNS's own environment knows which plugin {name!r} is"
        raise CorefileError(reason, text, tokens[position].start)
    if name == "import":
        target = import_target(text, tokens, position)
        return Directive("import", (target,), start=tokens[position].start), position + 2
    start = tokens[position].start
    lines, position = _read_lines(text, tokens, position, end)
    if len(lines) == 1 and "{" not in lines[0]:
        return Directive(name, tuple(lines[0]), start=start), position
    return _with_body(name, lines, start), position


def _read_lines(text: str, tokens: Sequence[Token], name: int, end: int) -> tuple[list[list[str]], int]:
    """Return the words behind the plugin's name at `name`, line by line, braces included."""
    lines: list[list[str]] = [[]]
    depth = 0
    position = name + 1
    while position < end:
        word, _, _, first, _ = tokens[position]
        if word == "{":
            depth += 1
        elif first and not depth:
            break
        elif word == "}":
            if not depth:
                start = tokens[position].start
                raise CorefileError("a closing brace must stand on a line of its own", text, start)
            depth -= 1
        elif first and word == "import":
            import_target(text, tokens, position)
        if first:
            lines.append([])
        lines[-1].append(word)
        position += 1
    if depth:
        reason = f"the braces of {tokens[name].text!r} are never closed"
        raise CorefileError(reason, text, tokens[name].start)
    return lines, position


def _with_body(name: str, lines: list[list[str]], start: int) -> Directive:
    """Return a directive from its lines of words; its own outer braces are taken off."""
    head = lines[0]
    opening = head.index("{") if "{" in head else len(head)
    body = [head[opening:], *lines[1:]]
    if not body[0]:
        del body[0]
    body[0] = body[0][1:]
    if body[-1] and body[-1][-1] == "}":
        body[-1] = body[-1][:-1]
    return Directive(name, tuple(head[:opening]), tuple(tuple(line) for line in body if line), start)


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

    def _expand(self, name: str) -> tuple[Directive, ...]:
        if name not in self._directives:
            written, _ = read_directives(self._text, self._tokens, *self._bodies[name])
            self._directives[name] = tuple(self._flat(written))
        return self._directives[name]

    def _flat(self, directives: Iterable[Directive]) -> Iterator[Directive]:
        for directive in directives:
            if directive.name != "import":
                yield replace(directive, body=tuple(self._lines(directive.body)))
            elif directive.args[0] in self._bodies:
                yield from self._expand(directive.args[0])

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
