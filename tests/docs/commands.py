"""The commands that stand in the pages, as a reader would paste them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.docs.pages import PAGES, code, fences

PROGRAMS = ("make", "pulumi", "kubectl", "python", "helm", "export", "mkdir")
_OF_SHELLS = ("", "sh", "bash", "console")
_PLACE_HOLDER = re.compile("<[a-z ]+>")


@dataclass(frozen=True)
class Command:
    """A command of a page.

    Attributes:
        page: the page on which it stands.
        text: as it stands there, without its comment.
        words: its words, without what a shell does with input and output, and with `prod` where the reader
            has to put something in, as in `make check STACK=<your stack>`.
    """

    page: str
    text: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def commands(program: str) -> list[Command]:
    """Return the commands of all pages that call `program`, each once for a page."""
    found = [command for page in PAGES for command in _of_page(page) if command.words[0] == program]
    return list(dict.fromkeys(found))


def _of_page(page: str) -> Iterator[Command]:
    lines = [
        line
        for fence in fences(page)
        if fence.language in _OF_SHELLS
        for line in fence.text.replace("\\\n", " ").splitlines()
    ]
    for line in [*lines, *code(page)]:
        text = line.strip().removeprefix("$ ")
        if not text.startswith(tuple(f"{program} " for program in PROGRAMS)):
            continue
        words = tuple(shlex.split(_PLACE_HOLDER.sub("prod", text), comments=True))
        end = next((number for number, word in enumerate(words) if word in {"<", ">", "|", "&&"}), None)
        yield Command(page, text.partition(" #")[0].strip(), words[:end])
