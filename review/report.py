"""`python -m review.report STACK PREVIEW.json`: tell a merge request what its change would do.

Ends with 0 if all is well, 1 if the preview has failed, 2 if the preview cannot be read, 3 if the guard
refuses, and 4 if only the note could not be written. The worst news wins.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from components.settings.problems import tell
from review.changes import Diagnostic, Preview
from review.digest import PreviewError, read_preview
from review.gitlab_connection import GitLabError
from review.guard import ALLOWED, Verdict, refusals
from review.markdown import without_ansi
from review.merge_request import MergeRequest, Written
from review.note import Job, failure, note
from review.plan import plan_json
from review.words import MARKS, SINGULARS, kind, object_name

FINE, FAILED, UNREADABLE, REFUSED, UNWRITTEN = range(5)
"""The exit codes."""

_LONGEST_LOG = 256 * 1024
_MOST_PRINTED = 50
_DONE = {
    Written.CREATED: "the note on the merge request is written",
    Written.UPDATED: "the note on the merge request is updated",
    Written.UNCHANGED: "the note on the merge request says so already",
    Written.NEWER: "the note on the merge request is of a newer pipeline and stays",
}


class Notes(Protocol):
    """What is needed of a merge request."""

    def labels(self) -> frozenset[str]:
        """Return the labels that it has now."""

    def put_note(self, stack: str, body: str) -> Written:
        """Write or update the note of `stack`."""


@dataclass(frozen=True)
class _Outcome:
    """What there is to tell, and the exit code that goes with it."""

    preview: Preview
    code: int
    log: str = ""


def main(
    arguments: Sequence[str] | None = None,
    find: Callable[[Mapping[str, str]], Notes | None] = MergeRequest.of_this_pipeline,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Report the preview that the command line names; returns the exit code.

    Args:
        arguments: the command line, without the program's name.
        find: returns the merge request of this pipeline, None outside of one.
        environ: the job's environment.
    """
    chosen = _parser().parse_args(arguments)
    outcome = _outcome(chosen.preview, chosen.log, chosen.preview_exit_code)
    if chosen.plan:
        _write_plan(chosen.plan, outcome)
    found = refusals(outcome.preview)
    troubles: list[GitLabError] = []
    request, labels, written = None, frozenset[str](), None
    try:
        request = find(environ)
        labels = request.labels() if request and found else labels
    except GitLabError as error:
        troubles.append(error)
    verdict = Verdict(found, allowed=chosen.allow_deletion or ALLOWED in labels)
    body = _body(chosen.stack, outcome, verdict, Job.of(environ))
    # Also when the labels could not be read: what stands there may be older, and allow what this refuses.
    if request:
        try:
            written = request.put_note(chosen.stack, body)
        except GitLabError as error:
            troubles.append(error)
    print(f"{chosen.stack}: {_DONE[written]}" if written else body)
    return _told(outcome, verdict, troubles)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="report", description="Tell a merge request what its change would do; outside of one, print it."
    )
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("preview", type=Path, help="what `pulumi preview --json` has printed")
    parser.add_argument("--log", type=Path, help="what the preview has printed to its standard error")
    parser.add_argument("--preview-exit-code", type=int, default=0, help="the preview's exit code")
    parser.add_argument("--plan", type=Path, help="the file to write for GitLab's plan widget")
    parser.add_argument(
        "--allow-deletion", action="store_true", help=f"as the label {ALLOWED} on a merge request"
    )
    return parser


def _outcome(path: Path, log: Path | None, exit_code: int) -> _Outcome:
    text = _end_of(log) if log else ""
    try:
        preview = read_preview(path)
    except PreviewError as error:
        if exit_code and error.empty and text.strip():  # the engine has said why, before any JSON
            return _Outcome(Preview(), FAILED, text)
        unreadable = Preview(diagnostics=(Diagnostic("error", str(error)),))
        return _Outcome(unreadable, FAILED if exit_code else UNREADABLE, text)
    return _Outcome(preview, FAILED if exit_code or preview.errors else FINE, text)


def _end_of(log: Path) -> str:
    """Return the end of a log, which is where an engine says why it stops; "" where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LONGEST_LOG))
            return without_ansi(file.read().decode(errors="replace"))
    except OSError:
        return ""


def _write_plan(path: Path, outcome: _Outcome) -> None:
    """Write the widget's file, or none: half of a preview is no plan, and neither is an old file."""
    if outcome.code == FINE:
        path.write_text(plan_json(outcome.preview), encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def _body(stack: str, outcome: _Outcome, verdict: Verdict, job: Job) -> str:
    if outcome.code == FINE:
        return note(stack, outcome.preview, verdict, job)
    return failure(stack, outcome.preview, outcome.log, verdict, job)


def _told(outcome: _Outcome, verdict: Verdict, troubles: Sequence[GitLabError]) -> int:
    """Say on the terminal what is wrong, and return the exit code."""
    code = outcome.code
    if code != FINE:
        said = [error.message for error in outcome.preview.errors] or [outcome.log.strip()]
        print("the preview failed:", *said, sep="\n", file=sys.stderr)
    elif verdict.refuses:
        print(f"the guard refuses {len(verdict.found)} of these changes:", file=sys.stderr)
        for one in verdict.found[:_MOST_PRINTED]:
            what = f"{MARKS[one.change.operation].partition(' ')[2]} {SINGULARS[kind(one.change)]}"
            print(tell(f"{what} {object_name(one.change)}", one.why, ""), file=sys.stderr)
        fix = f"if it is meant, put the label {ALLOWED} on the merge request and run this job again"
        print(f"{fix}; outside of a merge request: --allow-deletion", file=sys.stderr)
        code = REFUSED
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return code or (UNWRITTEN if troubles else FINE)


if __name__ == "__main__":
    sys.exit(main())
