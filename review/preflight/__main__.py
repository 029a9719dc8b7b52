"""`python -m review.preflight STACK`: whether a preview or an `up` of a stack can work from here.

Ends with 0, or with 1 if a row has failed; in less than ten seconds, also where nothing answers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from components.check import Result, check, stack_path
from components.projects.declared import declared_applications
from review.preflight.backend import Backend
from review.preflight.chart import chart_check
from review.preflight.cluster import Cluster
from review.preflight.hosts import host_checks
from review.preflight.looking import look_at
from review.preflight.proof import proof_checks
from review.preflight.rows import Mark, Row
from review.preflight.table import as_json, as_text

_SECONDS, _SECONDS_FOR_THE_API, _SECONDS_FOR_A_HOST = 6.0, 3.0, 5.0
"""Counted from the start; what remains to ten seconds is for the start of Python on a busy machine."""

_WIDTH_WITHOUT_A_TERMINAL = 110


def rows(path: Path, purpose: str) -> list[Row]:
    """Return what a run of the stack with the stack file at `path` needs, and whether it is there.

    Args:
        path: the stack file.
        purpose: `preview` or `up`.
    """
    result = check(path)
    stack = path.stem.removeprefix("Pulumi.")
    checks = Backend(path, stack, purpose, os.environ).checks(_SECONDS)
    if settings := result.settings:
        cluster = Cluster(settings, purpose).checks(_SECONDS_FOR_THE_API, _SECONDS)
        chart = chart_check(settings.argocd.chart, _SECONDS)
        hosts = host_checks(declared_applications(settings), purpose, _SECONDS_FOR_A_HOST)
        proof = proof_checks(settings, purpose, _SECONDS)
        checks = [*cluster, chart, *checks, *proof, *hosts]
    return [_stack_file(path, result), *look_at(checks)]


def _stack_file(path: Path, result: Result) -> Row:
    what = "stack file"
    if count := len(result.problems):
        first = result.problems[0]
        place = f"line {first.line}: " if first.line and not first.file else ""
        more = f" (and {count - 1} more)" if count > 1 else ""
        fix = (
            f"`python -m components.check {path}` tells all of it; most other rows need a stack file to go by"
        )
        return Row(Mark.FAILED, what, f"{path}: {place}{first.what}{more}", fix)
    if count := len(result.warnings):
        seen = f"{path}: {count} warning{'s' * (count != 1)}; `python -m components.check {path}` tells them"
        return Row(Mark.WARNING, what, seen)
    return Row(Mark.OK, what, f"{path}: {result.applications} Application{'s' * (result.applications != 1)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at what the stack on the command line needs; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="preflight", description="Tell whether Pulumi can work on a stack, before it starts."
    )
    parser.add_argument("stack", help="a stack's name, or the path of a stack file")
    parser.add_argument(
        "--for", dest="purpose", choices=["up", "preview"], default="up", help="a preview needs fewer rights"
    )
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="for a person or a program"
    )
    chosen = parser.parse_args(arguments)
    path = stack_path(chosen.stack)
    found = rows(path, chosen.purpose)
    if chosen.format == "json":
        print(as_json(path.stem.removeprefix("Pulumi."), chosen.purpose, found))
    else:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else _WIDTH_WITHOUT_A_TERMINAL
        colour = terminal and not os.environ.get("NO_COLOR")
        print(as_text(f"Preflight for `{chosen.purpose}`", found, width=width, colour=colour), flush=True)
    return 1 if any(row.mark is Mark.FAILED for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
