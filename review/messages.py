"""What the engine, a plugin or our program had to say, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile
from typing import TypeVar

from review.changes import Diagnostic
from review.markdown import code, fence, prose

_Item = TypeVar("_Item")

MOST_NAMED = 50
"""Items of a list at most; the others are counted."""
MOST_LINES = 200
"""Lines of a message at most."""
_LONGEST_WARNING = 4000
_LONGEST_SENTENCE = 400


def first_sentence(message: str) -> str:
    """Return what a message says first, cut off if long, without the names that only Pulumi uses."""
    paragraph = re.split(r"\n\s*\n|\n\s*(?:why|fix): ", message, maxsplit=1)[0]
    sentence = re.split(r"(?<=[.;])\s", " ".join(paragraph.split()), maxsplit=1)[0].rstrip(";.")
    named = re.sub(r"""urn:pulumi:[^\s"']*::([^\s"':]+)""", r"\1", sentence)
    told = re.sub(r"^(?:error|Preview failed): |^\S+ resource '[^']*' has a problem: ", "", named)
    return told if len(told) <= _LONGEST_SENTENCE else f"{told[:_LONGEST_SENTENCE]}…"


def reason(log: str) -> str:
    """Return what a log gives as the reason: a row of the preflight that failed, an error, or all of it."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if row := re.match(r"\s*FAILED\s+(\S.*?)\s{2,}(\S.*)", line):
            below = takewhile(partial(_goes_on, indent=row.start(2)), lines[number + 1 :])
            return f"{row[1]}: {' '.join([row[2], *map(str.strip, below)])}"
        if line.startswith("error: "):
            return line
    return log


def _goes_on(line: str, indent: int) -> bool:
    return line.startswith(" " * indent) and not line.lstrip().startswith("fix: ")


def only_says_so(errors: Sequence[Diagnostic]) -> bool:
    """Tell whether the last error only repeats that there were errors."""
    return len(errors) > 1 and errors[-1].message == "preview failed"


def error_block(error: Diagnostic) -> str:
    """Return an error word for word, below the name of the resource that it is about."""
    about = f"About {code(error.name)}:\n\n" if error.urn else ""
    return about + fence(error.message, most=MOST_LINES)


def warning_list(warnings: Sequence[Diagnostic]) -> str:
    """Return the warnings as a list below a heading, "" without any."""
    head = f"**{len(warnings):,} warnings:**" if len(warnings) > 1 else "**A warning:**"
    return bullets(head, warnings, "warnings", _warning)


def _warning(warning: Diagnostic) -> str:
    """Return a warning as an item of a list; lines that begin with a dash are a list in it."""
    message = warning.message
    short = message if len(message) <= _LONGEST_WARNING else f"{message[:_LONGEST_WARNING]} …"
    first, *rest = _joined(short) or ["(no text)"]
    told = [prose(first.removeprefix("- "))]
    return "\n".join([*told, *(f"  - {prose(line.removeprefix('- '))}" for line in rest)])


def _joined(message: str) -> list[str]:
    """Return a message's lines, those that only go on joined to the one before."""
    lines: list[str] = []
    for line in message.splitlines():
        if lines and not line.startswith("- "):
            lines[-1] += f" {line.strip()}"
        elif line.strip():
            lines.append(line.strip())
    return lines


def bullets(head: str, found: Sequence[_Item], what: str, told: Callable[[_Item], str]) -> str:
    """Return a list below its heading, "" without anything in it; a long one is cut off.

    Args:
        head: the heading, as Markdown.
        found: what to list.
        what: what the items are, in the plural.
        told: returns an item's text, as Markdown.
    """
    if not found:
        return ""
    left = len(found) - MOST_NAMED
    more = [f"- and {left:,} more {what}"] if left > 0 else []
    return "\n".join([head, "", *(f"- {told(one)}" for one in found[:MOST_NAMED]), *more])
