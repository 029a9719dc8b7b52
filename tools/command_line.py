"""What the command lines of the tools have in common: the stack that they name, errors, colours, and rows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from components.stackfile.printable import printable
from components.stackfile.problems import wrapped


def stack_parser(prog: str, description: str, *, formats: bool = False) -> argparse.ArgumentParser:
    """Return a parser for a command line that begins with a stack.

    With `formats` the command prints for a person or, as JSON, for a program.
    """
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("stack", help="a stack's name, or the path of a stack file")
    if formats:
        parser.add_argument(
            "--format", choices=["text", "json"], default="text", help="for a person or a program"
        )
    return parser


def stack_path(named: str) -> Path:
    """Return the stack file that `named` means: its path, or the name of its stack, which may have dots."""
    is_file = "/" in named or named.endswith((".yaml", ".yml"))
    return Path(named if is_file else f"Pulumi.{named}.yaml")


def stack_of(path: Path) -> str:
    """Return the name of the stack whose file is at `path`."""
    return path.stem.removeprefix("Pulumi.")


def failed(why: object) -> int:
    """Print why a command has failed; returns its exit code."""
    print(printable(f"error: {why}"), file=sys.stderr)
    return 1


def painted(words: str, code: str, *, colour: bool) -> str:
    """Return `words` in the colour of this code, for a terminal that shows colours."""
    return f"\033[{code}m{words}\033[0m" if colour and code else words


class Mark(StrEnum):
    """What was seen, in a word."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Row:
    """A thing that was looked at, as a row for a terminal."""

    mark: Mark
    what: str
    """What was looked at: `API server`."""
    seen: str
    """What was seen there, as sentences; never a secret."""
    fix: str = ""
    """What to do about it; "" where nothing has to be done."""
    command: str = ""
    """What a person may copy: it stays on one line."""


def row_lines(rows: Sequence[Row], width: int) -> list[str]:
    """Return the rows of the table alone."""
    marks, names = (max(map(len, column), default=0) for column in ([*Mark], [row.what for row in rows]))
    indent = " " * (2 + marks + 2 + names + 2)
    width = max(width, len(indent) + 40)
    lines: list[str] = []
    for row in rows:
        lines += wrapped(row.seen, f"  {row.mark:{marks}}  {row.what:{names}}  ", indent, width)
        lines += wrapped(f"fix: {row.fix}", indent, indent, width) if row.fix else []
        lines += [f"{indent}{row.command}"] if row.command else []
    return lines
