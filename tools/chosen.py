"""The stack that a tool's command line names."""

from __future__ import annotations

import argparse
import sys

from components.settings import Settings
from tools.check import check, stack_path


def stack_parser(prog: str, description: str) -> argparse.ArgumentParser:
    """Return a parser for a command line that begins with a stack."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("stack", help="a stack's name, or the path of a stack file")
    return parser


def settings_of(stack: str) -> Settings | None:
    """Return the settings of a stack; None if its file has mistakes, which is printed then."""
    settings = check(stack_path(stack)).settings
    if settings is None:
        print(f"error: the stack file has mistakes: make check STACK={stack}", file=sys.stderr)
    return settings
