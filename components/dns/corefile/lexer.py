r"""Split a Corefile into tokens, each with its place in the text.

The grammar is CoreDNS's own (`caddyfile/lexer.go` of coredns/caddy): words are separated by white
space; `"` quotes only at the start of a token and only `\"` is an escape; `#` starts a comment even
inside a word, but then the comment ends at the next white space; carriage returns are invisible.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from components.dns.corefile.errors import CorefileError

BYTE_ORDER_MARK = "\ufeff"

# Go's unicode.IsSpace without the carriage return, which the lexer skips without ending a word.
_SPACE = "\t\n\v\f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SCAN = re.compile(
    rf"""
    (?P<blank>  (?: [{_SPACE}\r] | \#[^\n]* )+ )
  | (?P<quoted> "(?:[^"\\]|\\.)*" )
  | (?P<open>   " )
  | (?P<word>   [^{_SPACE}]+ )
    """,
    re.DOTALL | re.VERBOSE,
)


class Token(NamedTuple):
    """One word of a Corefile."""

    text: str
    """The value as CoreDNS sees it: without quotes, escapes, comments or carriage returns."""
    start: int
    """Offset of the first character, the opening quote included."""
    end: int
    """Offset after the last character, the closing quote included."""
    line: int
    """1-based line of the first character."""
    quoted: bool
    """Whether the word stood in quotes. CoreDNS itself does not make a difference."""
    first: bool
    """Whether the word is the first of its line, as `isNewLine` of caddyfile sees it."""


def lex(text: str) -> list[Token]:
    """Return the tokens of `text` in order, in linear time.

    Raises:
        CorefileError: a quote is never closed. CoreDNS reads such a text to its end as one word,
            so that whatever is appended later disappears in it.
    """
    tokens: list[Token] = []
    line, first = 1, True
    for match in _SCAN.finditer(text, 1 if text.startswith(BYTE_ORDER_MARK) else 0):
        kind, raw, start = match.lastgroup, match.group(), match.start()
        if kind == "blank":
            if breaks := raw.count("\n"):
                line += breaks
                first = True
        elif kind == "word":
            visible = raw if "#" not in raw and "\r" not in raw else raw.partition("#")[0].rstrip("\r")
            word = visible.replace("\r", "")
            tokens.append(Token(word, start, start + len(visible), line, quoted=False, first=first))
            first = False
        elif kind == "quoted":
            tokens.append(Token(_unescape(raw[1:-1]), start, match.end(), line, quoted=True, first=first))
            line += raw.count("\n")
            first = False
        else:
            raise CorefileError("a quote is never closed", text, start)
    return tokens


def _unescape(body: str) -> str:
    # `\\` stays two characters, but its second one escapes nothing.
    return re.sub(r'\\(["\\])', lambda match: '"' if match.group(1) == '"' else match.group(), body)
