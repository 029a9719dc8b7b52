"""Read one large JSON object piece by piece, so that not all of it has to be in memory as objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_START = re.compile(r"^\ufeff?(?=\{)", re.MULTILINE)
_DECODER = json.JSONDecoder()
_MOST_STARTS = 1000

Piece = tuple[str, Any]
"""A member's name and its value; for a member that is a list, each of its items."""


class CutOffError(ValueError):
    """The text ends within the document, or what stands there is no JSON."""


def objects(text: str) -> Iterator[Iterator[Piece]]:
    """Yield each JSON object that begins a line of `text`, after whatever else may stand before it.

    An object has to be read to its end before the next one is asked for.
    """
    end = 0
    for number, found in enumerate(_START.finditer(text)):
        if number == _MOST_STARTS:
            return
        if found.end() >= end:
            walk = _Walk(text, found.end())
            yield walk.pieces()
            end = walk.at


class _Walk:
    """Reads one object; `at` is how far it has got, in characters."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def pieces(self) -> Iterator[Piece]:
        """Yield the object's members.

        Raises:
            CutOffError: it does not go on as JSON does.
        """
        for _ in self._items("{", "}"):
            name = self._value()
            if not isinstance(name, str):
                raise CutOffError(f"a name is missing before character {self.at:,}")
            self._expect(":")
            if self._next() == "[":
                for _ in self._items("[", "]"):
                    yield name, self._value()
            else:
                yield name, self._value()

    def _items(self, opening: str, closing: str) -> Iterator[None]:
        """Yield once before each item, which is read in between."""
        self._expect(opening)
        if self._next() == closing:
            self.at += 1
            return
        while True:
            yield
            if self._next() == closing:
                self.at += 1
                return
            self._expect(",")

    def _next(self) -> str:
        self.at = _SPACE.match(self._text, self.at).end()  # type: ignore[union-attr]  # it matches nothing too
        return self._text[self.at : self.at + 1]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise CutOffError(f"{mark!r} is missing at character {self.at:,}")
        self.at += 1

    def _value(self) -> Any:
        self._next()
        try:
            value, self.at = _DECODER.raw_decode(self._text, self.at)
        except (ValueError, RecursionError) as error:
            raise CutOffError(str(error)) from None
        return value
