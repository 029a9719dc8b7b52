"""Group a Corefile's tokens into server blocks and directives, each with its place in the text.

Only as far as the translation needs it, and without judging: what CoreDNS would refuse goes through
unchanged, so that CoreDNS itself refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from components.dns.corefile.lexer import Token


@dataclass
class Directive:
    """A plugin's line with its own braces, if it has any."""

    name: Token
    args: list[Token] = field(default_factory=list)
    opening: Token | None = None
    body: list[Token] = field(default_factory=list)
    """Everything after the opening brace."""

    @property
    def end(self) -> int:
        """Where in the text the name and its arguments end."""
        return (self.args or [self.name])[-1].end

    def options(self, name: str) -> list[Token]:
        """Return the first value of each line in the braces that begins with `name`."""
        pairs = zip(self.body, self.body[1:], strict=False)
        return [value for option, value in pairs if option.first and option.text == name]


@dataclass
class Block:
    """A server block, or what stands in its place."""

    keys: list[Token]
    opening: Token | None
    """Its opening brace; None when there is none, which CoreDNS reads as the whole file being one server."""
    directives: list[Directive] = field(default_factory=list)


def blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    """Yield the server blocks in order."""
    position = 0
    while position < len(tokens):
        start = position
        position = _end_of_keys(tokens, start)
        keys = list(tokens[start:position])
        if position == len(tokens) or tokens[position].text != "{":
            yield Block(keys, None)
            return
        block = Block(keys, tokens[position])
        position += 1
        while position < len(tokens) and tokens[position].text != "}":
            directive, position = _directive(tokens, position)
            block.directives.append(directive)
        position += 1
        yield block


def _end_of_keys(tokens: Sequence[Token], start: int) -> int:
    """Return where the keys end: at the brace, or at a new line that no comma announced."""
    position = start
    while position < len(tokens) and tokens[position].text != "{":
        announced = position > start and tokens[position - 1].text.endswith(",")
        if position > start and tokens[position].first and not announced:
            break
        position += 1
    return position


def _directive(tokens: Sequence[Token], position: int) -> tuple[Directive, int]:
    directive = Directive(tokens[position])
    depth = 0
    position += 1
    while position < len(tokens):
        token = tokens[position]
        if token.first and not depth and token.text != "{":
            break
        if token.text == "{":
            depth += 1
        elif token.text == "}" and depth:  # without its brace it is for CoreDNS to refuse
            depth -= 1
        if directive.opening:
            directive.body.append(token)
        elif token.text == "{":
            directive.opening = token
        else:
            directive.args.append(token)
        position += 1
    return directive, position
