"""`python -m review.preflight STACK`: whether a preview or an `up` of a stack can work from here.

Ends with 0, or with 1 if a row has failed; in less than half a minute where something does not answer.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.dns.proof.pod import NO_KUBECTL
from review.preflight.chart import chart_row
from review.preflight.cluster import cluster_check
from review.preflight.hosts import host_checks
from review.preflight.images import images_check
from review.preflight.rows import Check, as_text, look_at
from review.preflight.state import state_check
from tools.check import Result, check
from tools.command_line import Mark, Row, stack_of, stack_parser, stack_path

SECONDS = 20.0
"""On a runner that does much at once, `pulumi stack ls` alone takes more than five."""


def rows(path: Path, purpose: str) -> list[Row]:
    """Return what a run of the stack with the stack file at `path` needs, and whether it is there."""
    return look_at([*_checks(path, purpose)], SECONDS)


def _checks(path: Path, purpose: str) -> Iterator[Check]:
    result = check(path)
    yield Check("stack file", lambda: [_stack_file(path, result)], "")
    if settings := result.settings:
        yield cluster_check(settings, purpose)
        yield images_check(settings)
        yield Check("chart", lambda: [chart_row(settings.argocd.chart, SECONDS)], "make it answer from here")
    yield state_check(path, stack_of(path), purpose, os.environ)
    if settings and purpose == "up" and settings.dns.proof_seconds:
        found, (what, why, fix) = shutil.which("kubectl"), NO_KUBECTL
        missing = Row(Mark.FAILED, "kubectl", f"{what}; {why}", fix)
        yield Check("kubectl", lambda: [Row(Mark.OK, "kubectl", found) if found else missing], "")
    if settings:
        yield from host_checks(settings.applications, purpose, SECONDS / 2)


def _stack_file(path: Path, result: Result) -> Row:
    tells = f"`python -m tools.check {path}` tells"
    if result.problems:
        first, more = result.problems[0], len(result.problems) - 1
        place = f"line {first.line}: " if first.line and not first.file else ""
        seen = f"{path}: {place}{first.what}{f' (and {more} more)' if more else ''}"
        fix = f"{tells} all of it; most other rows need a stack file to go by"
        return Row(Mark.FAILED, "stack file", seen, fix)
    if count := len(result.warnings):
        seen = f"{path}: {count} warning{'s' * (count != 1)}; {tells} them"
        return Row(Mark.WARNING, "stack file", seen)
    applications = f"{result.applications} Application{'s' * (result.applications != 1)}"
    return Row(Mark.OK, "stack file", f"{path}: {applications}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at what the stack on the command line needs; returns the exit code."""
    parser = stack_parser("preflight", "Tell whether Pulumi can work on a stack.")
    parser.add_argument("--for", dest="purpose", choices=["up", "preview"], default="up")
    chosen = parser.parse_args(arguments)
    found = rows(stack_path(chosen.stack), chosen.purpose)
    width = shutil.get_terminal_size((110, 24)).columns
    print(as_text(f"Preflight for `{chosen.purpose}`", found, width), flush=True)
    return 1 if any(row.mark is Mark.FAILED for row in found) else 0


if __name__ == "__main__":
    os._exit(main())  # a check may hang still
