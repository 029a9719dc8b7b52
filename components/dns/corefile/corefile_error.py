"""The one error of this package: a Corefile that cannot be read or must not be edited."""

from __future__ import annotations


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
