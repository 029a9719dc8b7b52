"""The terminal that the lab writes to, or what stands in its place."""

from __future__ import annotations

import shutil

from rich.console import Console

_WIDTH_WITHOUT_A_TERMINAL = 120


def terminal() -> Console:
    """Return a console of the terminal's width, at most as wide as a person reads well."""
    columns = shutil.get_terminal_size((_WIDTH_WITHOUT_A_TERMINAL, 40)).columns
    return Console(width=min(columns, _WIDTH_WITHOUT_A_TERMINAL), highlight=False)
