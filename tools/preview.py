"""`make preview STACK=prod`: what `up` would change, on one screen; ends as `pulumi preview` does.

DNS lines, each project's old and new link, the Helm values that change, and each warning once; the note on a
merge request says the same. With `--of FILE` it tells a preview that is there already.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.stackfile.printable import printable
from components.stackfile.problems import wrapped
from review.changes import Preview
from review.details import explanation
from review.diffs import diffs
from review.digest import PreviewError, parse_preview, read_preview
from review.guard import Verdict, refusals
from review.markdown import plain
from review.messages import distinct
from review.note import headline, ranked
from review.words import MARKS, subject
from tools.command_line import failed

_MOST_ROWS, _MOST_DIFF_LINES, _MOST_WARNING_LINES = 60, 16, 10
_NARROWEST = 40
_OF_A_DIFF, _INDENT = ("+", "-", "#"), " " * 6


def summary(stack: str, preview: Preview, width: int) -> str:
    """Return what a preview says, for a terminal of this width."""
    return "\n".join(map(printable, _lines(stack, preview, max(width, _NARROWEST))))


def _lines(stack: str, preview: Preview, width: int) -> Iterator[str]:
    verdict = Verdict(refusals(preview))
    yield f"{stack}: {headline(preview, Verdict())}"
    for line in verdict.told:
        yield from wrapped(line, "  ! ", _INDENT, width)
    changes = ranked(preview)
    for change in changes[:_MOST_ROWS]:
        text = f"{subject(change, preview)}: {explanation(change)}"
        mark = f"  {MARKS[change.operation]} "
        yield from wrapped(plain(text).removesuffix(": "), mark, _INDENT, width)
    if len(changes) > _MOST_ROWS:
        yield f"    and {len(changes) - _MOST_ROWS:,} more changes"
    for title, diff in diffs(preview):
        yield f"{title}:"
        lines = [line for line in diff.splitlines() if line.startswith(_OF_A_DIFF)]
        yield from (f"    {line[:width]}" for line in lines[:_MOST_DIFF_LINES])
        if len(lines) > _MOST_DIFF_LINES:
            yield f"    and {len(lines) - _MOST_DIFF_LINES:,} more lines"
    for error in distinct(preview.errors):
        yield f"error: {error.message}"
    for warning in distinct(preview.warnings):
        lines = wrapped(warning.message, "warning: ", _INDENT, width)
        yield from lines[:_MOST_WARNING_LINES]
        if len(lines) > _MOST_WARNING_LINES:
            yield f"    and {len(lines) - _MOST_WARNING_LINES} more lines"


def main(arguments: Sequence[str] | None = None) -> int:
    """Preview the stack on the command line, and tell what it does; returns the engine's exit code."""
    parser = argparse.ArgumentParser(prog="preview", description="Preview a stack, on one screen.")
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("--of", type=Path, help="what `pulumi preview --json` has printed, to be told only")
    chosen = parser.parse_args(arguments)
    code = 0
    try:
        if chosen.of:
            preview = read_preview(chosen.of)
        else:
            command = ["pulumi", "preview", "--stack", chosen.stack, "--non-interactive", "--json"]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace", check=False)
            code = done.returncode
            preview = parse_preview(done.stdout)
    except FileNotFoundError:
        return failed("there is no pulumi on PATH: https://www.pulumi.com/docs/install")
    except PreviewError as error:
        print(error, file=sys.stderr)
        return code or 1
    print(summary(chosen.stack, preview, shutil.get_terminal_size((110, 24)).columns))
    return code


if __name__ == "__main__":
    sys.exit(main())
