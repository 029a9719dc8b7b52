"""What a Corefile imports, put in the place of its `import` lines, as CoreDNS reads it."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from components.dns.corefile.directives import import_target
from components.dns.corefile.lexer import BYTE_ORDER_MARK, CorefileError, tokens, words

FOLDER = "/etc/coredns"
"""Where CoreDNS's pods have their Corefile; what is imported without a folder in front is found there."""

_DEEPEST = 10  # files in files; CoreDNS itself has no bound
_SNIPPET = re.compile(r"^\((.+)\)$")


def located(target: str, folder: str = FOLDER) -> str:
    """Return the whole path of what an `import`, `hosts` or `file` line of a Corefile in `folder` names."""
    return posixpath.normpath(posixpath.join(folder, target))


@dataclass(frozen=True)
class Expanded:
    """A Corefile with what it imports."""

    text: str
    pieces: tuple[tuple[int, str, int], ...]
    """Where each piece begins: its offset in `text`, the file it is from ("" is the Corefile), its line."""

    def place(self, offset: int) -> str:
        """Return where the character at `offset` stands, in words: `line 7`, or `custom/x.server, line 7`."""
        number = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        start, file, line = self.pieces[number]
        line += self.text.count("\n", start, offset)
        return f"{file}, line {line}" if file else f"line {line}"


def expand(
    text: str, files: Mapping[str, str], folder: str = FOLDER, hidden: Collection[str] = ()
) -> Expanded:
    """Return `text` with the files that it imports in the place of the lines that import them.

    `files` is whole path → text, of all files that CoreDNS's pods have there; `hidden` are folders in them
    that hold files of which nobody here knows anything; `folder` is that of the Corefile.

    Raises:
        CorefileError: an imported file cannot be read, or files import one another.
    """
    expansion = _Expansion(files, tuple(hidden), _snippets(text, *files.values()))
    expansion.add(text, "", folder)
    return Expanded("".join(expansion.written), tuple(expansion.pieces))


def matching(target: str, files: Mapping[str, str], folder: str = FOLDER) -> list[str]:
    """Return the paths in `files` that an import of `target` brings, in CoreDNS's order."""
    path = located(target, folder)
    if not set(target) & set("*?"):
        return [path] if path in files else []
    depth = path.count("/")
    return sorted(
        candidate for candidate in files if candidate.count("/") == depth and fnmatchcase(candidate, path)
    )


@dataclass
class _Expansion:
    files: Mapping[str, str]
    hidden: tuple[str, ...]
    snippets: frozenset[str]
    written: list[str] = field(default_factory=list)
    length: int = 0
    pieces: list[tuple[int, str, int]] = field(default_factory=list)

    def add(self, text: str, file: str, folder: str, depth: int = 0) -> None:
        """Add a file; `folder` is where it is, which its own imports start from."""
        if depth > _DEEPEST:
            raise CorefileError(f"the file {file} is imported by files that it imports itself")
        done = 0
        for target, start, end in _imports(text, self.snippets):
            path = located(target, folder)
            paths = matching(target, self.files, folder)
            by_name = not set(target) & set("*?")
            if (by_name and not paths) or self._is_hidden(path):
                reason = (
                    f"nobody can read from here what {target!r} imports; it may answer for the zone already"
                )
                raise CorefileError(reason, text, start)
            self._write(text[done:start], file, text.count("\n", 0, done) + 1)
            for found in paths:
                self._write("\n", file, 0)
                text_there = self.files[found].removeprefix(BYTE_ORDER_MARK)
                self.add(text_there, found, posixpath.dirname(found), depth + 1)
                self._write("\n", file, 0)
            done = end
        self._write(text[done:], file, text.count("\n", 0, done) + 1)

    def _is_hidden(self, path: str) -> bool:
        return any(
            posixpath.dirname(path) == folder or path.startswith(f"{folder}/") for folder in self.hidden
        )

    def _write(self, text: str, file: str, line: int) -> None:
        self.pieces.append((self.length, file, line))
        self.written.append(text)
        self.length += len(text)


def _imports(text: str, snippets: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    """Yield target, start and end of each import of a file."""
    found = tokens(text)
    for position, token in enumerate(found):
        if token.text == "import" and token.first:
            target = import_target(text, found, position)
            if target not in snippets:
                yield target, token.start, found[position + 1].end


def _snippets(*texts: str) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        with suppress(CorefileError):  # of a file that is not imported, nobody asks what is in it
            found |= {match[1] for match in map(_SNIPPET.match, words(text)) if match}
    return frozenset(found)
