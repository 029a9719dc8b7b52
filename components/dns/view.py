"""A Corefile as CoreDNS's pods see it: with its imports, and with the files that its plugins read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from components.dns.corefile import Corefile, CorefileError, parse
from components.dns.corefile.imports import FOLDER, Expanded, expand


@dataclass(frozen=True)
class View:
    """What is known of one resolver."""

    corefile: Corefile
    """All server blocks, in one text."""
    expanded: Expanded
    """Where each piece of that text comes from."""
    files: Mapping[str, str]
    """Whole path → text, of the files in CoreDNS's pods that can be read."""
    hidden: Collection[str] = ()
    """Folders and files in them of which nobody here knows anything."""

    @property
    def text(self) -> str:
        """The text that all offsets are in."""
        return self.expanded.text

    def place(self, offset: int) -> str:
        """Return where the character at `offset` stands, in words."""
        return self.expanded.place(offset)

    def error(self, reason: str, offset: int, fix: str = "") -> CorefileError:
        """Return an error about what stands at `offset`."""
        if len(self.expanded.pieces) == 1:
            return CorefileError(reason, self.text, offset, fix)
        return CorefileError(f"{reason} ({self.place(offset)})", fix=fix)


def view(text: str, files: Mapping[str, str], folder: str = FOLDER, hidden: Collection[str] = ()) -> View:
    """Return the resolver that a Corefile with this text makes; the arguments are those of `expand`.

    Raises:
        CorefileError: CoreDNS would refuse the structure, or a part of it cannot be read.
    """
    expanded = expand(text, files, folder, hidden)
    try:
        return View(parse(expanded.text), expanded, files, hidden)
    except CorefileError as error:
        if error.offset is None or len(expanded.pieces) == 1:
            raise
        raise CorefileError(f"{error.reason} ({expanded.place(error.offset)})") from None
