"""The pages that people read, and what is in them: links, anchors and fenced blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "examples/*.md")
    for path in ROOT.glob(pattern)
)
"""Every page, as seen from the project's folder."""
_ID = re.compile(r'\bid="([^"]+)"')
_NO_PART_OF_A_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Fence:
    """A fenced block.

    Attributes:
        page: the page in which it stands.
        line: the line of its first line of text.
        language: what stands behind the fence, such as `yaml`.
        text: what it holds.
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def links(page: str) -> tuple[str, ...]:
    """Return where the links and pictures of a page lead."""
    found = [token.attrGet("href") or token.attrGet("src") for token in _tokens(page)]
    return tuple(str(target) for target in found if target)


@cache
def anchors(page: str) -> frozenset[str]:
    """Return what a link with `#` may name on a page, as GitLab and the site make it of the headings."""
    tokens = list(_tokens(page))
    headings = {
        _slug(after.children or []) for token, after in pairwise(tokens) if token.type == "heading_open"
    }
    by_hand = {name for token in tokens if "html" in token.type for name in _ID.findall(token.content)}
    return frozenset(headings | by_hand)


@cache
def fences(page: str) -> tuple[Fence, ...]:
    """Return the fenced blocks of a page."""
    return tuple(
        Fence(page, (token.map or [0])[0] + 2, token.info.strip(), token.content)
        for token in _tokens(page)
        if token.type == "fence"
    )


@cache
def code(page: str) -> tuple[str, ...]:
    """Return what stands between single backticks."""
    return tuple(token.content for token in _tokens(page) if token.type == "code_inline")


def _slug(parts: list[Token]) -> str:
    text = "".join(part.content for part in parts if "html" not in part.type)
    return _NO_PART_OF_A_SLUG.sub("", text.strip().lower()).replace(" ", "-")


@cache
def _tokens(page: str) -> tuple[Token, ...]:
    parsed = MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8"))
    return tuple(_flat(parsed))


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])
