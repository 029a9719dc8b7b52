r"""Split a Corefile into tokens, each with its place in the text.

The grammar is CoreDNS's own (`caddyfile/lexer.go` of coredns/caddy): words are separated by white
space; `"` quotes only at the start of a token and only `\"` is an escape; `#` starts a comment even
inside a word, but then the comment ends at the next white space; carriage returns are invisible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from components.dns.corefile.errors import CorefileError

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


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a Corefile; each list holds one thing about every word.

    Lists, and no object for each word: a hundred thousand of those keep Python's garbage collector
    busier than the parser.
    """

    words: list[str] = field(default_factory=list)
    """The values as CoreDNS sees them: without quotes, escapes, comments or carriage returns."""
    starts: list[int] = field(default_factory=list)
    """Offsets of the first characters, opening quotes included."""
    ends: list[int] = field(default_factory=list)
    """Offsets after the last characters, closing quotes included."""
    firsts: list[bool] = field(default_factory=list)
    """Whether the word is the first of its line, as `isNewLine` of caddyfile sees it."""

    def __len__(self) -> int:
        return len(self.words)


class Token(NamedTuple):
    """One word of a Corefile with its place, for readers that go through them one by one."""

    text: str
    start: int
    end: int
    first: bool
    line: int
    """1-based line of the first character."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of `text` as objects; `lex` is faster where there are many.

    Raises:
        CorefileError: as `lex`.
    """
    found = lex(text)
    listed: list[Token] = []
    line, counted = 1, 0
    for word, start, end, first in zip(found.words, found.starts, found.ends, found.firsts, strict=True):
        line += text.count("\n", counted, start)
        counted = start
        listed.append(Token(word, start, end, first, line))
    return listed


def lex(text: str) -> Tokens:
    """Return the tokens of `text` in order, in linear time.

    Raises:
        CorefileError: a quote is never closed. CoreDNS reads such a text to its end as one word,
            so that whatever is appended later disappears in it.
    """
    found = Tokens()
    words, starts, ends, firsts = found.words, found.starts, found.ends, found.firsts
    first = True
    position = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    # The matches follow one another without a gap, so their lengths tell their places.
    for match in _SCAN.finditer(text, position):
        gap, quoted, unclosed, word = match.groups()
        if gap:
            position += len(gap)
            first = first or "\n" in gap
        if word:
            end = position + len(word)
            if "#" in word or "\r" in word:
                word = word.partition("#")[0].rstrip("\r")
                ends.append(position + len(word))
                words.append(word.replace("\r", ""))
            else:
                ends.append(end)
                words.append(word)
        elif quoted:
            end = position + len(quoted)
            ends.append(end)
            words.append(_unescape(quoted[1:-1]))
        elif unclosed:
            raise CorefileError("a quote is never closed", text, position)
        else:
            break  # the end of the text
        starts.append(position)
        firsts.append(first)
        position = end
        first = False
    return found


def _unescape(body: str) -> str:
    # `\\` stays two characters, but its second one escapes nothing.
    return re.sub(r'\\(["\\])', lambda match: '"' if match.group(1) == '"' else match.group(), body)
