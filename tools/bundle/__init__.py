"""`make bundle STACK=prod`: in one folder, what a site without internet needs for a stack.

Things are put into it only once they are whole.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".arriving-"


class MissingError(Exception):
    """Something cannot be had here; the message says why, `fix` what to do by hand."""

    def __init__(self, why: str, fix: str, command: str = "") -> None:
        super().__init__(why)
        self.fix = fix
        self.command = command


@contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """Give a place for what will be at `target`; it takes the place of what is there, if nothing is raised.

    The place lies beside it, on the same file system, and nothing is there yet.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=target.parent) as folder:
        made = Path(folder) / target.name
        yield made
        if target.exists():
            target.rename(Path(folder) / "before")
        made.rename(target)


def sweep(bundle: Path) -> None:
    """Take away what a killed run has left half made."""
    for left in [*bundle.rglob(f"{_PREFIX}*")]:
        shutil.rmtree(left)
