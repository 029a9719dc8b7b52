"""The note on a merge request: what one stack's preview says, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from review.changes import Change, Operation, Preview
from review.corefile_diff import corefile_diffs
from review.effects import effects
from review.guard import ALLOWED, Refusal, Verdict
from review.markdown import code, details, fence, html_code, prose, table, without_ansi
from review.messages import (
    MOST_LINES,
    MOST_NAMED,
    bullets,
    error_block,
    first_sentence,
    only_says_so,
    reason,
    warning_list,
)
from review.picture import picture
from review.values_diff import values_diff
from review.words import MARKS, PLURALS, Kind, explanation, kind, object_name, subject

LIMIT = 900_000
"""Characters of a note at most; GitLab's own limit is 1,000,000."""

_MOST_ROWS = 200
_LONGEST_TABLE = 200_000
_OPEN_DIFF_LINES = 40
_ROOM_FOR_NAMES = 20_000
_NO_BREAK = "\N{NO-BREAK SPACE}"
_INFINITIVES = {
    Operation.ADD: "to add",
    Operation.CHANGE: "to change",
    Operation.DELETE: "to delete",
    Operation.REPLACE: "to replace",
    Operation.ADOPT: "to adopt",
    Operation.READ: "to read",
}


@dataclass(frozen=True)
class Job:
    """Where the preview ran."""

    url: str = ""
    commit: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Job:
        """Return the GitLab job that the environment describes, as far as it does."""
        return cls(environ.get("CI_JOB_URL", ""), environ.get("CI_COMMIT_SHORT_SHA", ""))


@dataclass(frozen=True)
class _Part:
    """A part of the note that may be left out if there is no room."""

    name: str
    text: str


def note(stack: str, preview: Preview, verdict: Verdict, job: Job) -> str:
    """Return the note of a preview that has worked, with at most `LIMIT` characters."""
    told = effects(preview)
    first = [_headline(stack, preview, verdict), *told[:1]]
    parts = [
        _Part("the guard", _verdict(preview, verdict)),
        _Part("the effects", _effects(told[1:], verdict)),
        _Part("the warnings", warning_list(preview.warnings)),
        _Part("the table of changes", _changes(preview)),
        _Part("the picture", fence(source, "mermaid") if (source := picture(preview)) else ""),
        *_diffs(preview),
    ]
    return _assembled(" ".join(map(_sentence, first)), parts, _footer(preview, job))


def failure(stack: str, preview: Preview, log: str, verdict: Verdict, job: Job) -> str:
    """Return the note of a preview that has failed, with its diagnostics and the end of `log`."""
    errors = preview.errors[:-1] if only_says_so(preview.errors) else preview.errors
    log = "\n".join(without_ansi(log).strip().splitlines()[-MOST_LINES:])
    why = prose(first_sentence(errors[0].message if errors else reason(log)) or "the engine has not said why")
    parts = [
        *(_Part("an error", error_block(error)) for error in errors[:MOST_NAMED]),
        _Part("", f"**and {len(errors) - MOST_NAMED:,} more errors**" if len(errors) > MOST_NAMED else ""),
        _Part("the guard", _verdict(preview, verdict)),
        _Part("what was printed", f"What was printed:\n\n{fence(log)}" if log else ""),
        _Part("the warnings", warning_list(preview.warnings)),
    ]
    head = f"{_bold(stack)}: **the preview failed**: {_sentence(why)}"
    return _assembled(head, parts, _footer(preview, job))


def _headline(stack: str, preview: Preview, verdict: Verdict) -> str:
    counts = preview.counts
    told = [f"{counts[one]:,} {words}" for one, words in _INFINITIVES.items() if counts[one]]
    refused = f"**refused without the label** {code(ALLOWED)}; " if verdict.refuses else ""
    return f"{_bold(stack)}: {refused}{', '.join(told) or 'no changes, `up` would do nothing'}"


def _verdict(preview: Preview, verdict: Verdict) -> str:
    by_label = [one for one in verdict.found if not one.change.protected]
    by_engine = [one for one in verdict.found if one.change.protected]
    if verdict.allowed:
        head = f"**Allowed by the label {code(ALLOWED)}**; look at it twice:"
    else:
        head = (
            f"**This deletes what others depend on.** If it is meant, put the label {code(ALLOWED)} on the "
            "merge request and run this job again:"
        )
    lists = [
        bullets(head, by_label, "changes", lambda one: _of_one(preview, one)),
        bullets("**This is protected:**", by_engine, "changes", lambda one: _of_one(preview, one)),
    ]
    return "\n\n".join(filter(None, lists))


def _effects(told: Sequence[str], verdict: Verdict) -> str:
    """Return a list, with a line before it where it would otherwise look like more of the guard's list."""
    head = "What else it does:\n\n" if verdict.found and told else ""
    return head + "\n".join(f"- {_sentence(effect)}" for effect in told)


def _of_one(preview: Preview, refusal: Refusal) -> str:
    change = refusal.change
    return f"{MARKS[change.operation].partition(' ')[2]} {subject(change, preview)}: {refusal.why}"


def _ranked(preview: Preview) -> list[Change]:
    """Return the changes, the dangerous first, and of these the DNS layers first."""
    order = [*Operation]
    kinds = [*Kind]
    return sorted(
        preview.changes,
        key=lambda one: (order.index(one.operation), kinds.index(kind(one)), object_name(one)),
    )


def _changes(preview: Preview) -> str:
    ranked = _ranked(preview)
    rows: list[list[str]] = []
    room = _LONGEST_TABLE
    for change in ranked[:_MOST_ROWS]:
        row = [MARKS[change.operation].replace(" ", _NO_BREAK), subject(change, preview), explanation(change)]
        room -= sum(map(len, row))
        if room < 0:
            break
        rows.append(row)
    if not rows:
        return ""
    rest = Counter((one.operation, kind(one)) for one in ranked[len(rows) :])
    told = [f"{count:,} {PLURALS[one]} {_INFINITIVES[operation]}" for (operation, one), count in rest.items()]
    left = f"\n\n**{rest.total():,} more changes** are not listed: {', '.join(told)}." if rest else ""
    return table(["change", "what", "details"], rows) + left


def _diffs(preview: Preview) -> Iterator[_Part]:
    for change in _ranked(preview):
        name = html_code(object_name(change))
        if kind(change) is Kind.DNS_LAYER:
            for title, diff in corefile_diffs(change):
                yield _folded(f"Change of {html_code(title)}", title, diff)
        elif kind(change) is Kind.ARGO_CD and (diff := values_diff(change)):
            yield _folded(f"Values of the release {name}", object_name(change), diff)


def _folded(summary: str, name: str, diff: str) -> _Part:
    """Return a diff, open where it is short enough to be read in passing."""
    shown = fence(diff, "diff")
    folded = details(summary, shown)
    if diff.count("\n") < _OPEN_DIFF_LINES:
        folded = folded.replace("<details>", "<details open>", 1)
    return _Part(f"the diff of {code(name)}", folded)


def _footer(preview: Preview, job: Job) -> str:
    told = []
    if preview.seconds is not None:
        told.append(f"The preview took {preview.seconds:.1f} s")
    if job.commit:
        told.append(f"commit {code(job.commit)}")
    if job.url and not set("()<> ") & set(job.url):  # a bracket would end the link
        told.append(f"[job]({job.url})")
    if preview.bookkeeping and preview.changes:
        told.append(
            f"Pulumi's own count is {preview.bookkeeping:,} higher: it counts groups of resources too"
        )
    return " · ".join(told)


def _assembled(head: str, parts: Sequence[_Part], footer: str) -> str:
    """Return the note; parts for which there is no room are named instead."""
    room = LIMIT - len(head) - len(footer) - _ROOM_FOR_NAMES
    kept, left_out = [head], []
    for part in parts:
        size = len(part.text) + len("\n\n")
        if part.text and size <= room:
            kept.append(part.text)
            room -= size
        elif part.text:
            left_out.append(f"{part.name} ({size:,} characters)")
    told = bullets("**Left out, since GitLab takes no longer note:**", left_out, "parts", str)
    return "\n\n".join(filter(None, [*kept, told, footer])) + "\n"


def _sentence(text: str) -> str:
    return text if text.endswith((".", ":", "!", "?")) else f"{text}."


def _bold(stack: str) -> str:
    return f"**{stack}**" if stack.replace("-", "").replace(".", "").isalnum() else code(stack)
