"""Text of others for a terminal: nothing of it moves the cursor, or hides what is there.

A project's `application.yml`, a Corefile or a log may hold any character. A terminal carries out escape
sequences (CWE-150), and characters that turn the direction of writing show another text than the one that is
there (CVE-2021-42574).
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e0fff]"
)
"""Control characters but for tab and newline, what has no width, what turns the direction, and surrogates."""


def printable(text: str) -> str:
    r"""Return `text` with the escape (`\x1b`) in place of each character that a terminal would not show."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def say(line: str) -> None:
    """Print a line at once: the engine shows what a plugin of its own prints."""
    print(printable(line), flush=True)  # noqa: T201 - as above
