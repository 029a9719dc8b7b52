"""`python -m review.report STACK PREVIEW.json`: tell a merge request what its change would do.

Ends with 0 if all is well, 1 if the preview has failed or cannot be read, 3 if the guard refuses, and 4 if
only the note could not be written. The worst news wins.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from review.changes import Operation
from review.fingerprint import stamp
from review.gitlab_api import GitLabError
from review.guard import ALLOWED, Verdict, refusals
from review.note import failure, note
from review.outcome import FINE, REFUSED, UNWRITTEN, Outcome, command, read_outcome
from review.texts import MergeRequest


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Report the preview that the command line names; returns the exit code."""
    parser = command("report", "Tell a merge request what its change would do; outside of one, print it.")
    parser.add_argument("--plan", type=Path, help="the file to write for GitLab's plan widget")
    chosen = parser.parse_args(arguments)
    outcome = read_outcome(chosen)
    if chosen.plan:
        _write_plan(chosen.plan, outcome)
    found = refusals(outcome.preview)
    troubles: list[GitLabError] = []
    request, labels, written = None, frozenset[str](), None
    try:
        request = MergeRequest.of_this_pipeline(environ)
        labels = request.labels() if request and found else labels
    except GitLabError as error:
        troubles.append(error)
    verdict = Verdict(found, allowed=ALLOWED in labels)
    body = failure(chosen.stack, outcome.preview, outcome.log, verdict, environ)
    if outcome.code == FINE:
        body = f"{note(chosen.stack, outcome.preview, verdict, environ)}\n{stamp(outcome.preview)}\n"
    # Also when the labels could not be read: what stands there may be older, and allow what this refuses.
    if request:
        try:
            written = request.put_note(chosen.stack, body)
        except GitLabError as error:
            troubles.append(error)
    print(f"{chosen.stack}: the note on the merge request {written.value}" if written else body)
    return _told(outcome, verdict, troubles)


def _write_plan(path: Path, outcome: Outcome) -> None:
    """Write the widget's file, or none: half of a preview is no plan, and neither is an old file.

    GitLab accepts whole numbers for exactly these keys. What is adopted is not changed.
    """
    counts = outcome.preview.counts
    made, gone = counts[Operation.ADD], counts[Operation.DELETE]
    both = counts[Operation.REPLACE]
    plan = {"create": made + both, "update": counts[Operation.CHANGE], "delete": gone + both}
    path.unlink(missing_ok=True)
    if outcome.code == FINE:
        path.write_text(json.dumps(plan) + "\n", encoding="utf-8")


def _told(outcome: Outcome, verdict: Verdict, troubles: Sequence[GitLabError]) -> int:
    """Say on the terminal what is wrong, and return the exit code."""
    code = outcome.code
    if code != FINE:
        outcome.tell_failure()
    elif verdict.refuses:
        told = [f"the guard refuses {len(verdict.found)} of these changes:"]
        told += [f"  {line}" for line in verdict.told]
        told.append(f"if it is meant, put the label {ALLOWED} on the merge request and run this job again")
        print("\n".join(told), file=sys.stderr)
        code = REFUSED
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return code or (UNWRITTEN if troubles else FINE)


if __name__ == "__main__":
    sys.exit(main())
