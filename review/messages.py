"""What the engine, a plugin or our program had to say, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from review.changes import Diagnostic
from review.markdown import code, details, fence, prose

_MOST_NAMED = 50
MOST_LINES = 200
"""Lines of a message at most."""
_LONGEST, _LONGEST_SENTENCE = 4000, 400


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
            goes_on = re.compile(" " * row.start(2) + "(?!fix: )")
            below = takewhile(goes_on.match, lines[number + 1 :])
            return f"{row[1]}: {' '.join([row[2], *map(str.strip, below)])}"
        if line.startswith("error: "):
            return line
    return log


def distinct(said: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return each message once, however many resources it is about; the last error may only repeat them."""
    kept = list({one.message: one for one in reversed(said)}.values())[::-1]
    return [one for one in kept if len(kept) == 1 or one.message != "preview failed"]


def error_blocks(errors: Sequence[Diagnostic]) -> list[str]:
    """Return the errors word for word, each below the name of the resource that it is about."""
    about = [f"About {code(error.name)}:\n\n" if error.urn else "" for error in errors[:_MOST_NAMED]]
    told = [head + fence(error.message, most=MOST_LINES) for head, error in zip(about, errors, strict=False)]
    more = len(errors) - _MOST_NAMED
    return [*told, *([f"**and {more:,} more errors**"] if more > 0 else [])]


def warning_list(warnings: Sequence[Diagnostic]) -> str:
    """Return the warnings, folded up, "" without any; lines that begin with a dash are a list below."""
    found = distinct(warnings)
    told = [
        "\n  - ".join(
            prose(line.removeprefix("- ")) for line in joined(one.message[:_LONGEST]) or ["(no text)"]
        )
        for one in found
    ]
    head = f"{len(found):,} warnings" if len(found) > 1 else "A warning"
    return details(head, bullets(told, "warnings")) if found else ""


def joined(message: str) -> list[str]:
    """Return a message's lines, those that only go on joined to the one before."""
    lines: list[str] = []
    for line in message.splitlines():
        if lines and not line.startswith("- "):
            lines[-1] += f" {line.strip()}"
        elif line.strip():
            lines.append(line.strip())
    return lines


def bullets(found: Sequence[str], what: str) -> str:
    """Return a list of Markdown texts, cut off if it is long; `what` they are, in the plural."""
    more = len(found) - _MOST_NAMED
    left = [f"- and {more:,} more {what}"] if more > 0 else []
    return "\n".join([*(f"- {one}" for one in found[:_MOST_NAMED]), *left])
