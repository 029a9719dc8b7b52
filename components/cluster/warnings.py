"""What the user of a preview or an `up` is warned of."""

from __future__ import annotations

import pulumi

from components.stackfile.printable import printable


def warn(*warnings: str) -> None:
    """Let the engine show warnings; an empty one is none, and what others have written in them is text."""
    for warning in filter(None, warnings):
        pulumi.log.warn(printable(warning))
