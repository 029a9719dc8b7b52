"""Read the lines of a server block, after `directives` and `directive` of `caddyfile/parse.go`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from components.dns.corefile.corefile_error import CorefileError
from components.dns.corefile.keys import depends_on_environment
from components.dns.corefile.lexer import Token
from components.dns.corefile.structure import Directive

_TOO_WILD = re.compile(r"\[|\*.*\*|\?.*\?", re.DOTALL)


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
