"""The note on a merge request: what a stack's preview says, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from components.offline import HEADLINE
from review.changes import Change, Operation, Preview
from review.details import explanation
from review.diffs import diffs
from review.guard import ALLOWED, Verdict
from review.markdown import code, details, fence, html_code, prose, table, without_ansi
from review.messages import (
    MOST_LINES,
    bullets,
    distinct,
    error_blocks,
    first_sentence,
    reason,
    warning_list,
)
from review.words import MARKS, Kind, counted, kind, object_name, subject

LIMIT = 900_000
"""Characters of a note at most; GitLab's own limit is 1,000,000."""

_OPEN_ROWS, _MOST_ROWS, _LONGEST_TABLE = 25, 200, 200_000
_OPEN_DIFF_LINES = 40
_AS_TOLD = ("add", "change", "delete", "replace", "adopt", "read")
"""The operations, in the order of the heading."""


def note(stack: str, preview: Preview, verdict: Verdict, job: Mapping[str, str]) -> str:
    """Return the note of a preview that has worked in a GitLab job with these variables."""
    told = [_guard(preview, verdict), *_changes(preview), *_diffs(preview), warning_list(preview.warnings)]
    return _assembled(stack, headline(preview, verdict), told, job)


def failure(stack: str, preview: Preview, log: str, verdict: Verdict, job: Mapping[str, str]) -> str:
    """Return the note of a preview that has failed, with its diagnostics and the end of `log`."""
    errors = distinct(preview.errors)
    log = "\n".join(without_ansi(log).strip().splitlines()[-MOST_LINES:])
    why = prose(first_sentence(errors[0].message if errors else reason(log)) or "the engine has not said why")
    told = [
        f"{why.rstrip('.:')}.",
        *error_blocks(errors),
        _guard(preview, verdict),
        f"What was printed:\n\n{fence(log)}" if log else "",
        warning_list(preview.warnings),
    ]
    return _assembled(stack, "the preview failed", told, job)


def headline(preview: Preview, verdict: Verdict) -> str:
    """Return the verdict, and how many resources are touched."""
    counts = preview.counts
    told = [f"{counts[one]:,} to {one}" for one in map(Operation, _AS_TOLD) if counts[one]]
    is_blind = any(one.message.startswith(HEADLINE) for one in preview.warnings)
    return (
        f"{'refused; ' if verdict.refuses else ''}{', '.join(told) or 'no changes, `up` would do nothing'}"
        f"{' (the cluster was not asked)' if is_blind else ''}"
    )


def ranked(preview: Preview) -> list[Change]:
    """Return the changes, the dangerous first, and of these the DNS layers first."""
    order, kinds = [*Operation], [*Kind]
    return sorted(
        preview.changes,
        key=lambda one: (order.index(one.operation), kinds.index(kind(one)), object_name(one)),
    )


def _guard(preview: Preview, verdict: Verdict) -> str:
    if not verdict.found:
        return ""
    head = (
        "**This takes away what others depend on.** If it is meant, put the label "
        f"{code(ALLOWED)} on the merge request and run this job again:"
    )
    if all(one.change.protected for one in verdict.found):
        head = "**This is protected:**"
    if verdict.allowed:
        head = f"**Allowed by the label {code(ALLOWED)}**; look at it twice:"
    return f"{head}\n\n{bullets([one.told(preview) for one in verdict.found], 'changes')}"


def _changes(preview: Preview) -> Iterator[str]:
    """Yield the table; the rows after the first ones are folded up, those after `_MOST_ROWS` counted."""
    changes = ranked(preview)
    rows: list[list[str]] = []
    room = _LONGEST_TABLE
    for change in changes[:_MOST_ROWS]:
        mark = MARKS[change.operation].replace(" ", "\N{NO-BREAK SPACE}")
        row = [mark, subject(change, preview), explanation(change)]
        room -= sum(map(len, row))
        if room < 0:
            break
        rows.append(row)
    heads = ["change", "what", "details"]
    if rows:
        yield table(heads, rows[:_OPEN_ROWS])
    if below := rows[_OPEN_ROWS:]:
        yield details(f"{len(below)} more changes", table(heads, below))
    if rest := Counter((one.operation, kind(one)) for one in changes[len(rows) :]):
        words = [f"{counted(n, one)} to {operation}" for (operation, one), n in rest.items()]
        yield f"**{rest.total():,} more changes** are not listed: {', '.join(words)}."


def _diffs(preview: Preview) -> Iterator[str]:
    """Yield each diff, open where it is short enough to be read in passing."""
    for title, diff in diffs(preview):
        folded = details(html_code(title), fence(diff, "diff"))
        is_short = diff.count("\n") < _OPEN_DIFF_LINES
        yield folded.replace("<details>", "<details open>", 1) if is_short else folded


def _assembled(stack: str, head: str, told: Sequence[str], job: Mapping[str, str]) -> str:
    """Return the note; of what is too long for GitLab, the longest parts are left out."""
    named = stack if stack.replace("-", "").replace(".", "").isalnum() else code(stack)
    commit, url = job.get("CI_COMMIT_SHORT_SHA"), job.get("CI_JOB_URL", "")
    where = [f"commit {code(commit)}"] if commit else []
    if url and not set("()<> ") & set(url):  # a bracket would end the link
        where.append(f"[job]({url})")
    kept = [f"### {named}: {head}", *filter(None, told), " · ".join(where)]
    while sum(map(len, kept)) > LIMIT:
        longest = max(kept, key=len)
        size = f"{len(longest):,} characters"
        kept[kept.index(longest)] = f"**{size} are left out, since GitLab takes no longer note.**"
    return "\n\n".join(filter(None, kept)) + "\n"
