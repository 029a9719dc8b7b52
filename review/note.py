"""The note on a merge request: what a stack's preview says, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from components.cluster.offline import HEADLINE
from review.changes import Change, Operation, Preview
from review.details import explanation
from review.diffs import diffs
from review.guard import ALLOWED, Verdict
from review.markdown import code, details, fence, html_code, table, without_ansi
from review.messages import blocks, distinct, end_of, limited, warning_list
from review.words import MARKS, WORDS, Kind, kind, object_name, subject

LIMIT = 900_000
"""Characters of a note at most; GitLab's own limit is 1,000,000."""

_OPEN_ROWS, _MOST_ROWS, _OPEN_DIFF_LINES = 25, 200, 40


def note(stack: str, preview: Preview, verdict: Verdict, job: Mapping[str, str]) -> str:
    """Return the note of a preview that has worked in a GitLab job with these variables."""
    told = [_guard(verdict), *_changes(preview), *_diffs(preview), warning_list(preview.warnings)]
    return _assembled(stack, headline(preview, verdict), told, job)


def failure(stack: str, preview: Preview, log: str, verdict: Verdict, job: Mapping[str, str]) -> str:
    """Return the note of a preview that has failed, with its diagnostics and the end of `log`."""
    errors, log = distinct(preview.errors), without_ansi(log).strip()
    told = [
        *blocks(errors, "errors"),
        _guard(verdict),
        f"What was printed:\n\n{end_of(log)}" if log else "",
        warning_list(preview.warnings),
    ]
    unsaid = "" if errors or log else ", and the engine has not said why"
    return _assembled(stack, f"the preview failed{unsaid}", told, job)


def headline(preview: Preview, verdict: Verdict) -> str:
    """Return the verdict, and how many resources are touched."""
    counts = preview.counts
    told = [f"{counts[one]:,} to {one}" for one in Operation if counts[one]]
    is_blind = any(one.message.startswith(HEADLINE) for one in preview.warnings)
    return (
        f"{'refused; ' if verdict.refuses else ''}{', '.join(told) or 'no changes, `up` would do nothing'}"
        f"{' (the cluster was not asked, and no secret compared)' if is_blind else ''}"
    )


def ranked(preview: Preview) -> list[Change]:
    """Return the changes, the dangerous first, and of these the DNS layers first."""
    order, kinds = [*Operation], [*Kind]
    return sorted(
        preview.changes,
        key=lambda one: (order.index(one.operation), kinds.index(kind(one)), object_name(one)),
    )


def _guard(verdict: Verdict) -> str:
    if not verdict.found:
        return ""
    head = (
        "**This takes away what others depend on.** If it is meant, put the label "
        f"{code(ALLOWED)} on the merge request and run this job again:"
    )
    if verdict.allowed:
        head = f"**Allowed by the label {code(ALLOWED)}**; look at it twice:"
    return "\n".join([f"{head}\n", *limited([f"- {one.told}" for one in verdict.found], "changes")])


def _changes(preview: Preview) -> Iterator[str]:
    """Yield the table; the rows after the first ones are folded up, those after `_MOST_ROWS` counted."""
    changes, heads = ranked(preview), ["change", "what", "details"]
    rows = [
        [MARKS[one.operation].replace(" ", "\N{NO-BREAK SPACE}"), subject(one, preview), explanation(one)]
        for one in changes[:_MOST_ROWS]
    ]
    if rows:
        yield table(heads, rows[:_OPEN_ROWS])
    if below := rows[_OPEN_ROWS:]:
        yield details(f"{len(below)} more changes", table(heads, below))
    if rest := Counter((one.operation, WORDS[kind(one)]) for one in changes[_MOST_ROWS:]):
        words = [f"{n:,} {one}{'s' * (n != 1)} to {operation}" for (operation, one), n in rest.items()]
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
