"""What a reader sees of a note: its Markdown, read by a parser that is not ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
_TAG = re.compile(r"</?([a-zA-Z]+|!)[^>]*>")
REFERENCES = re.compile(r"[@#!~%&$\[\]<>]|:\w+:")
"""What GitLab makes a reference, an image or an emoji of, outside of code."""
QUICK_ACTION = re.compile(r"^/", re.MULTILINE)
OUR_TAGS = {"details", "summary", "code"}


def tokens(markdown: str) -> Iterator[Token]:
    """Yield the tokens, those within a line after the line's own."""
    for token in _PARSER.parse(markdown):
        yield token
        yield from token.children or ()


_SHOWN = ("text", "text_special", "code_inline", "fence", "code_block")


def text(markdown: str) -> str:
    """Return all that is to be read, entities resolved, without the tags."""
    return _joined(tokens(markdown))


def _joined(found: Iterable[Token]) -> str:
    return "".join(token.content for token in found if token.type in _SHOWN)


def outside_of_code(markdown: str) -> str:
    """Return the text that GitLab searches for references."""
    found, depth = [], 0
    for token in tokens(markdown):
        if token.type == "html_inline":
            depth += {"<code>": 1, "</code>": -1}.get(token.content, 0)
        elif token.type in {"text", "text_special"} and not depth:
            found.append(token.content)
    return "\n".join(found)


def tags(markdown: str) -> set[str]:
    """Return the names of the HTML tags in it; `!` for a comment."""
    html = [token.content for token in tokens(markdown) if token.type in {"html_inline", "html_block"}]
    return {name for content in html for name in _TAG.findall(content)}


def blocks(markdown: str) -> list[tuple[str, str]]:
    """Return language and content of each code block."""
    return [(token.info, token.content) for token in tokens(markdown) if token.type == "fence"]


def rows(markdown: str) -> list[list[str]]:
    """Return the cells of all tables, as text."""
    found: list[list[str]] = []
    is_cell = False
    for token in _PARSER.parse(markdown):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and is_cell:
            found[-1].append(_joined(token.children or ()))
        is_cell = token.type in {"th_open", "td_open"}
    return found
