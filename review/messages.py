"""What the engine, a plugin or our program had to say, as Markdown: word for word, in lines that fit."""

from __future__ import annotations

from collections.abc import Sequence

from components.stackfile.problems import wrapped
from review.changes import Diagnostic
from review.markdown import code, details, fence

_MOST_NAMED, _MOST_LINES, _LONGEST, _WIDTH = 50, 200, 20_000, 110


def said(text: str) -> str:
    """Return a message as a code block."""
    return fence("\n".join(wrapped(text[:_LONGEST].strip(), "", "", _WIDTH)), most=_MOST_LINES)


def end_of(log: str) -> str:
    """Return the end of a log as a code block: an engine says last why it stops."""
    return said("\n".join(log[-_LONGEST:].splitlines()[-_MOST_LINES:]))


def distinct(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return each message once, however many resources it is about; the last error may only repeat them."""
    kept = list({one.message: one for one in reversed(found)}.values())[::-1]
    return [one for one in kept if len(kept) == 1 or one.message != "preview failed"]


def blocks(found: Sequence[Diagnostic], what: str) -> list[str]:
    """Return the messages, each below the name of the resource that an error is about; `what` they are."""
    about = [f"About {code(one.name)}:\n\n" if one.urn and what == "errors" else "" for one in found]
    told = [head + said(one.message or "(no text)") for head, one in zip(about, found, strict=True)]
    return limited(told, what)


def warning_list(warnings: Sequence[Diagnostic]) -> str:
    """Return the warnings, folded up, "" without any."""
    found = distinct(warnings)
    head = f"{len(found):,} warnings" if len(found) > 1 else "A warning"
    return details(head, "\n\n".join(blocks(found, "warnings"))) if found else ""


def limited(told: Sequence[str], what: str) -> list[str]:
    """Return the first of many texts, and how many more there are; `what` they are, in the plural."""
    more = len(told) - _MOST_NAMED
    return [*told[:_MOST_NAMED], *([f"**and {more:,} more {what}**"] if more > 0 else [])]
