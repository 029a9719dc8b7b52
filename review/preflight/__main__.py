"""`python -m review.preflight STACK`: whether a preview or an `up` of a stack can work from here.

Ends with 0, or with 1 if a row has failed; in less than ten seconds, also where nothing answers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.check import check, stack_path
from components.dns.proof.pod import NO_KUBECTL
from components.projects.declared import declared_applications
from components.settings import is_proven
from review.preflight.chart import chart_row
from review.preflight.cluster import cluster_check
from review.preflight.hosts import host_checks
from review.preflight.images import images_check
from review.preflight.rows import Check, Mark, Row, as_text, look_at
from review.preflight.state import state_check

SECONDS = 5.0
"""What remains to ten seconds is for the start of Python on a busy machine."""
_WIDTH_WITHOUT_A_TERMINAL = 110


def rows(path: Path, purpose: str) -> list[Row]:
    """Return what a run of the stack with the stack file at `path` needs, and whether it is there."""
    return look_at([*_checks(path, purpose)], SECONDS)


def _checks(path: Path, purpose: str) -> Iterator[Check]:
    result = check(path)
    tells = f"`python -m components.check {path}` tells"
    applications = f"{result.applications} Application{'s' * (result.applications != 1)}"
    row = Row(Mark.OK, "stack file", f"{path}: {applications}")
    if count := len(result.warnings):
        row = Row(Mark.WARNING, row.what, f"{path}: {count} warning{'s' * (count != 1)}; {tells} them")
    if result.problems:
        first, more = result.problems[0], len(result.problems) - 1
        place = f"line {first.line}: " if first.line and not first.file else ""
        seen = f"{path}: {place}{first.what}{f' (and {more} more)' if more else ''}"
        row = Row(
            Mark.FAILED, row.what, seen, f"{tells} all of it; most other rows need a stack file to go by"
        )
    yield Check(row.what, lambda: [row], "")
    if settings := result.settings:
        yield cluster_check(settings, purpose)
        yield images_check(settings)
        yield Check("chart", lambda: [chart_row(settings.argocd.chart, SECONDS)], "make it answer from here")
    yield state_check(path, path.stem.removeprefix("Pulumi."), purpose, os.environ)
    if settings and purpose == "up" and is_proven(settings.dns):
        yield Check("kubectl", lambda: [_kubectl()], "")
    if settings:
        yield from host_checks(declared_applications(settings), purpose, SECONDS / 2)


def _kubectl() -> Row:
    if found := shutil.which("kubectl"):
        return Row(Mark.OK, "kubectl", found)
    what, why, fix = NO_KUBECTL
    return Row(Mark.FAILED, "kubectl", f"{what}; {why}", fix)


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at what the stack on the command line needs; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="preflight", description="Tell whether Pulumi can work on a stack, before it starts."
    )
    parser.add_argument("stack", help="a stack's name, or the path of a stack file")
    parser.add_argument(
        "--for", dest="purpose", choices=["up", "preview"], default="up", help="a preview needs fewer rights"
    )
    chosen = parser.parse_args(arguments)
    found = rows(stack_path(chosen.stack), chosen.purpose)
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else _WIDTH_WITHOUT_A_TERMINAL
    colour = terminal and not os.environ.get("NO_COLOR")
    print(as_text(f"Preflight for `{chosen.purpose}`", found, width=width, colour=colour), flush=True)
    return 1 if any(row.mark is Mark.FAILED for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
