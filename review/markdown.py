"""Text of others in a Markdown note: whatever it says, it stays text.

A project's name, a diff or an error may hold anything: backticks, `|`, HTML, `@all`, `#1`, or a line that
GitLab would carry out as a quick action (`/close`). GitLab looks for none of these in code, so everything
that was not written here becomes code; and no line of a code block begins with a slash, since older
versions of GitLab recognise code blocks by their fences alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from components.stackfile.printable import printable

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_QUICK_ACTION = re.compile(r"^(?=/)", re.MULTILINE)
_LONGEST_LINE = 500


def without_ansi(text: str) -> str:
    """Return `text` without the escape sequences that colour a terminal."""
    return _ANSI.sub("", text)


def code(text: str, limit: int = 100) -> str:
    """Return `text` as inline code that is safe everywhere, also in a table."""
    line = printable(" ".join(text.split())) or '""'
    line = line if len(line) <= limit else f"{line[: limit - 1]}…"
    return html_code(line) if re.search(r"[`|\\]", line) else f"`{line}`"


def html_code(text: str) -> str:
    """Return `text` as code in HTML, for where Markdown is not read, or could not say it."""
    escaped = re.sub(
        r"[^A-Za-z0-9 ./-]", lambda found: f"&#{ord(found[0])};", printable(" ".join(text.split()))
    )
    return f"<code>{escaped}</code>"


def plain(markdown: str) -> str:
    """Return what `code` and its neighbours have made, as a terminal shows it."""
    return html.unescape(re.sub(r"</?code>|\*\*|`", "", markdown))


def fence(text: str, language: str = "text", most: int = 500) -> str:
    """Return `text` as a code block."""
    lines = [printable(line) for line in without_ansi(text).replace("\r\n", "\n").split("\n")]
    shown = [
        line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
        for line in lines[:most]
    ]  # fmt: skip
    body = _QUICK_ACTION.sub(" ", "\n".join(shown))
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    marks = "`" * max(3, longest + 1)
    more = f"\n\n*{len(lines) - most:,} more lines are left out.*" if len(lines) > most else ""
    return f"{marks}{language}\n{body}\n{marks}{more}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown of one line without a `|`, as `code` returns."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def details(summary: str, body: str) -> str:
    """Return `body` folded up below `summary`, which is HTML."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
