"""`python -m review.up STACK PREVIEW.json`: whether `up` may do what it is about to do.

PREVIEW.json is a preview of this moment. It is compared with what the merge request has shown: what it has
not shown, and what the guard refuses, stops `up` before anything is written. Ends with 0 if `up` may go on,
and with the exit codes of `review.report` otherwise.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

from review.changes import Preview
from review.fingerprint import fingerprints, stamped, together
from review.gitlab_api import GitLabError
from review.guard import ALLOWED, Verdict, refusals
from review.outcome import FINE, REFUSED, command, read_outcome
from review.texts import MergeRequest

ACCEPT = "PROTOBOX_ACCEPT"
"""The variable of the manual job with which a person accepts exactly these changes."""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Judge the preview that the command line names; returns the exit code."""
    chosen = command("up", "Tell whether `up` may do what it is about to do.").parse_args(arguments)
    outcome = read_outcome(chosen)
    if outcome.code != FINE:
        outcome.tell_failure()
        return outcome.code
    mark = together(fingerprints(outcome.preview))
    objections = [*_objections(chosen.stack, outcome.preview, environ)]
    if not objections:
        return FINE
    if environ.get(ACCEPT) == mark:
        print(f"accepted by {ACCEPT}={mark}:", *objections, sep="\n")
        return FINE
    print("`up` does not begin, and nothing was changed:", *objections, sep="\n", file=sys.stderr)
    fix = f"if exactly these changes are meant, run the job again with the variable {ACCEPT}={mark}"
    print(f"{fix}; otherwise mend the cause, or merge a change that shows them", file=sys.stderr)
    return REFUSED


def _objections(stack: str, preview: Preview, environ: Mapping[str, str]) -> Iterator[str]:
    prints, verdict = fingerprints(preview), Verdict(refusals(preview))
    if not prints:
        return
    try:
        request = MergeRequest.of_this_commit(environ)
        shown = stamped(request.note(stack)) if request else set(prints)
        labels = request.labels() if request and verdict.found else frozenset()
    except GitLabError as error:
        yield f"what the merge request has shown cannot be read\n{error}"
        return
    if request is None:
        print("no merge request has brought this commit, so there is nothing to compare these changes with")
    elif unshown := [words for one, words in prints.items() if one not in shown]:
        yield (
            f"{request.name} has not shown this: the cluster was changed since, or another merge request "
            "came in between"
        )
        yield from (f"  {words}" for words in unshown)
    if verdict.found and ALLOWED not in labels:
        yield f"this takes away what others depend on, and no label {ALLOWED} has allowed it"
        yield from (f"  {line}" for line in verdict.told)


if __name__ == "__main__":
    sys.exit(main())
