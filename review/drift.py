"""`python -m review.drift STACK PREVIEW.json`: tell the project's issues whether the cluster is as declared.

PREVIEW.json is what `pulumi preview --refresh --expect-no-changes --json` has printed. Ends with 0 if there
is no drift, 1 if the preview has failed or cannot be read, 4 if there is no drift but the issue could not be
closed, and 5 if there is drift. A failed preview proves nothing, and neither does one that has not asked the
cluster: no issue is opened or closed then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from components.cluster.offline import HEADLINE, VARIABLE
from components.stackfile.problems import tell
from review.changes import Preview
from review.gitlab_api import GitLabError
from review.guard import Verdict
from review.markdown import code
from review.note import note
from review.outcome import FAILED, FINE, UNWRITTEN, command, read_outcome
from review.texts import DriftIssue, Written

DRIFT = 5
"""The exit code, beside those of `review.outcome`."""
_FOUND_SOME, _SAYS_SO = 7, "no changes were expected"
"""How the engine ends, and what it prints, when all is well but for the changes (`--expect-no-changes`)."""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Report the drift of the stack that the command line names; returns the exit code."""
    chosen = command("drift", "Open, update or close a stack's drift issue.").parse_args(arguments)
    outcome = read_outcome(chosen)
    preview, log = outcome.preview, outcome.log
    problem = "\n".join(error.message for error in preview.errors)
    if not problem and chosen.preview_exit_code not in (0, _FOUND_SOME) and _SAYS_SO not in log:
        problem = f"pulumi has ended with {chosen.preview_exit_code}"
    if not problem and any(warning.message.startswith(HEADLINE) for warning in preview.warnings):
        problem = f"{VARIABLE} is set, so the cluster was not asked"
    if problem:
        why = "whether there is drift is not known; the issue about it, open or not, stays as it is"
        print(f"stack {chosen.stack}: the preview has failed", file=sys.stderr)
        print(tell(problem, why, "mend what the preview says, then run the job again"), file=sys.stderr)
        print(*log.strip().splitlines()[-40:], sep="\n", file=sys.stderr)
        return FAILED
    try:
        return _report(chosen.stack, preview, environ)
    except GitLabError as error:
        print(error, file=sys.stderr)
        return DRIFT if preview.changes else UNWRITTEN


def _report(stack: str, preview: Preview, environ: Mapping[str, str]) -> int:
    if not preview.changes:
        url = environ.get("CI_JOB_URL")
        print(f"stack {stack}: no drift")
        reason = f"No drift any more, says {f'[this job]({url})' if url else 'the last job'}. It was:"
        done = DriftIssue(stack, environ).write(reason, is_drift=False)
        if done is not Written.UNCHANGED:
            print(f"stack {stack}: the issue {'is closed' if done is Written.UPDATED else done.value}")
        return FINE
    text = note(stack, preview, Verdict(), environ)
    print(text)
    print(f"stack {stack}: the cluster is not as declared", file=sys.stderr)
    head = (
        f"The cluster is not as stack {code(stack)} declares it: somebody or something has changed it, or a "
        f"merged change is not deployed. `pulumi up --refresh --stack {stack}` makes it so, as told below; "
        "if the cluster is right, change the stack file. This issue closes by itself when the drift is gone."
    )
    done = DriftIssue(stack, environ).write(f"{head}\n\n{text}", is_drift=True)
    print(f"stack {stack}: the issue {done.value}", file=sys.stderr)
    return DRIFT


if __name__ == "__main__":
    sys.exit(main())
