"""`python -m review.summary STACK`: a preview on one screen of a terminal, in the words of the stack file.

Ends as `pulumi preview` does. DNS lines, each project's old and new link, the Helm values that change, and
each warning once; the note on a merge request says the same.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence

from review.changes import Preview
from review.details import explanation
from review.diffs import diffs
from review.digest import PreviewError, parse_preview
from review.guard import Verdict, refusals
from review.markdown import plain, visible
from review.messages import distinct, joined
from review.note import headline, ranked
from review.words import MARKS, subject

_MOST_ROWS, _MOST_DIFF_LINES, _MOST_WARNING_LINES = 60, 16, 6
_OF_A_DIFF = ("+", "-", "#")


def summary(stack: str, preview: Preview, width: int) -> str:
    """Return what a preview says, for a terminal of this width."""
    return "\n".join(map(visible, _lines(stack, preview, width)))


def _lines(stack: str, preview: Preview, width: int) -> Iterator[str]:
    verdict = Verdict(refusals(preview))
    yield f"{stack}: {headline(preview, Verdict())}"
    for line in verdict.told(preview):
        yield from _wrapped(line, "  ! ", width)
    changes = ranked(preview)
    for change in changes[:_MOST_ROWS]:
        told = f"{subject(change, preview)}: {explanation(change)}"
        yield from _wrapped(plain(told).removesuffix(": "), f"  {MARKS[change.operation]} ", width)
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
        first, *rest = joined(warning.message) or [""]
        yield from _wrapped(first, "warning: ", width)
        yield from (f"    {line[:width]}" for line in rest[:_MOST_WARNING_LINES])
        if len(rest) > _MOST_WARNING_LINES:
            yield f"    and {len(rest) - _MOST_WARNING_LINES} more lines"


def _wrapped(text: str, mark: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=mark,
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Preview the stack on the command line, and tell what it does; returns the engine's exit code."""
    parser = argparse.ArgumentParser(prog="summary", description="Preview a stack, on one screen.")
    parser.add_argument("stack", help="the stack's name")
    stack = parser.parse_args(arguments).stack
    command = ["pulumi", "preview", "--stack", stack, "--non-interactive", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace", check=False)
    try:
        preview = parse_preview(done.stdout, "the preview")
    except PreviewError as error:
        print(error, file=sys.stderr)
        return done.returncode or 1
    print(summary(stack, preview, shutil.get_terminal_size((110, 24)).columns))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
