"""Which names of a zone a pattern may match: of a `rewrite`, or of a `match` in a `template`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.dns.zones import in_zone

_LITERAL = re.compile(r"[A-Za-z0-9_.-]|\\[.-]")
"""A `.` without a backslash is meant as the dot between two labels."""
_WITH_MORE = re.compile(r"\\[xpP0-9]")
"""An escape that goes on in the characters behind it: `\\x2e`, `\\pL`, `\\056`."""
_END = re.compile(r"(?:\\\.|\.)?\??\$$")
_QUANTIFIERS = "*+?}"


@dataclass(frozen=True)
class Pattern:
    """A pattern of names, in lower case."""

    kind: str
    """`exact`, `prefix`, `suffix`, `substring`, or `regex` with `text` as what every match ends with."""
    text: str
    anchored: bool = True
    """Whether nothing can stand behind `text`."""

    def within(self, zone: str) -> list[str]:
        """Return the zones, `zone` or below it, in which the pattern may match; none if it cannot.

        A prefix, a substring and a regular expression without a literal end may match anywhere.
        """
        text = self.text.rstrip(".")
        bare = text.lstrip(".")
        if self.kind == "exact":
            return [bare] if in_zone(bare, zone) else []
        if self.kind not in {"suffix", "regex"} or not bare or zone.endswith(text):
            return [zone]
        if not self.anchored and ("." not in bare or bare in zone):
            return [zone]
        if not in_zone(bare, zone):
            return []
        # Without a dot in front, the first label may be the end of a longer one.
        return [bare if text.startswith(".") else bare.partition(".")[2]]


def regex(text: str) -> Pattern:
    """Return the pattern of a regular expression: what all names that it matches end with, if that is clear.

    An expression without `$` matches names that go on behind it; one that names a domain is meant as its
    end, and is taken for that.
    """
    text = text.replace("[.]", r"\.").replace(r"[\.]", r"\.")
    anchored = text.endswith("$") and not text.endswith("\\$")
    body = text
    if found := _END.search(body):
        body = body[: found.start()]
    body = re.sub(r"(?:\\\.|(?<!\\)\.)$", "", body)
    if _alternatives(body):
        return Pattern("regex", "", anchored)
    literal = ""
    while body:
        piece = body[-2:] if len(body) > 1 and body[-2] == "\\" else body[-1:]
        if _WITH_MORE.fullmatch(piece):
            literal = ""
            break
        if not _LITERAL.fullmatch(piece) or (literal == "" and body[-1] in _QUANTIFIERS):
            break
        literal = piece.removeprefix("\\") + literal
        body = body[: -len(piece)]
    if body.endswith("\\"):  # the class of the letter before: \d, \w
        literal = literal[1:]
    # No name has two dots side by side: one stands for any character, and what is before it is not clear.
    clear = literal[literal.rfind("..") + 1 :]
    kind = "exact" if body == "^" and anchored and "\\" not in literal and clear == literal else "regex"
    return Pattern(kind, clear.lower(), anchored)


def _alternatives(body: str) -> bool:
    """Tell whether the expression has alternatives outside of all groups."""
    depth = 0
    for character in re.sub(r"\\.", "", body, flags=re.DOTALL):  # what is escaped is no sign
        if character == "|" and not depth:
            return True
        depth += {"(": 1, ")": -1}.get(character, 0)
    return False
