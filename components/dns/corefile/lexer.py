r"""Split a Corefile into tokens, each with its place in the text.

The grammar is CoreDNS's own (`caddyfile/lexer.go` of coredns/caddy): words are separated by white
space; `"` quotes only at the start of a token and only `\"` is an escape; `#` starts a comment even
inside a word, but then the comment ends at the next white space; carriage returns are invisible.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"

# Go's unicode.IsSpace without the carriage return, which the lexer skips without ending a word.
_SPACE = "\t\n\v\f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SCAN = re.compile(
    rf"""
    ( [{_SPACE}\r]*+ (?: \#[^\n]*+ [{_SPACE}\r]*+ )*+ )    # white space and comments
    (?: ( "[^"\\]*+ (?: \\. [^"\\]*+ )*+" )              # a word in quotes
      | ( " )                                            # a quote that is never closed
      | ( [^{_SPACE}]++ )                                # a word
    )?
    """,
    re.DOTALL | re.VERBOSE,
)


class CorefileError(ValueError):
    """A Corefile is not what CoreDNS would load, or an edit would be unsafe.

    Attributes:
        reason: what is wrong, as a sentence without the place.
        line: 1-based line of the place, 0 when the whole text is meant.
        column: 1-based column in characters, 0 when the whole text is meant.
        source: the text of that line, without its line break.
        offset: the place in the text, None when the whole text is meant.
        fix: what helps, if that is not a change of the Corefile.
    """

    def __init__(self, reason: str, text: str = "", offset: int | None = None, fix: str = "") -> None:
        self.reason = reason
        self.fix = fix
        self.line = self.column = 0
        self.source = ""
        self.offset = offset
        if offset is not None:
            start = text.rfind("\n", 0, offset) + 1
            end = text.find("\n", offset)
            self.line = text.count("\n", 0, offset) + 1
            self.column = offset - start + 1
            self.source = text[start : end if end >= 0 else len(text)].rstrip("\r")
        super().__init__(str(self))

    def __str__(self) -> str:
        if not self.line:
            return self.reason
        return f"{self.reason} (line {self.line}, column {self.column}: {self.source.strip()!r})"


class Token(NamedTuple):
    """One word of a Corefile with its place."""

    text: str
    """The value as CoreDNS sees it: without quotes, escapes, comments or carriage returns."""
    start: int
    """Offset of the first character, an opening quote included."""
    end: int
    """Offset after the last character, a closing quote included."""
    first: bool
    """Whether it is the first word of its line, as `isNewLine` of caddyfile sees it."""
    line: int
    """1-based line of the first character."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of `text` in order, in linear time.

    Raises:
        CorefileError: a quote is never closed. CoreDNS reads such a text to its end as one word,
            so that whatever is appended later disappears in it.
    """
    found: list[Token] = []
    first, line = True, 1
    for match in _SCAN.finditer(text, 1 if text.startswith(BYTE_ORDER_MARK) else 0):
        gap, quoted, unclosed, word = match.groups()
        start, end = match.end(1), match.end()
        breaks = gap.count("\n")
        first, line = first or breaks > 0, line + breaks
        if word:
            seen = word.partition("#")[0].rstrip("\r")
            found.append(Token(seen.replace("\r", ""), start, start + len(seen), first, line))
        elif quoted:
            found.append(Token(_unescape(quoted[1:-1]), start, end, first, line))
            line += quoted.count("\n")
        elif unclosed:
            raise CorefileError("a quote is never closed", text, start)
        else:
            break  # the end of the text
        first = False
    return found


def words(text: str) -> list[str]:
    """Return the tokens' values.

    Raises:
        CorefileError: as `tokens`.
    """
    return [token.text for token in tokens(text)]


def _unescape(body: str) -> str:
    # `\\` stays two characters, but its second one escapes nothing.
    return re.sub(r'\\(["\\])', lambda match: '"' if match.group(1) == '"' else match.group(), body)
