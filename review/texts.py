"""The texts that are kept up to date on GitLab: a note per stack on a merge request, an issue about drift.

A text is found again by the marker above it. What a person writes above the marker or below our last line
stays; what a person changes between them is overwritten by the next pipeline. Two jobs never write the same
text at the same time: `resource_group` in `.gitlab-ci.yml` sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from gitlab import Gitlab

from review.gitlab_api import asking, connect, number

END = "<!-- protobox-cd: write below this line, it stays -->"
LABEL = "drift"
_MARKER = re.compile(
    r"^<!-- protobox-cd:(?P<kind>[a-z]+) stack=(?P<stack>\S+) pipeline=(?P<pipeline>[0-9]{1,18}) -->"
    r"[ \t\r]*$",
    re.MULTILINE,
)
_WHY_NOTE = "without an up-to-date note, a reviewer would decide from an old one, or from none"
_WHY_ISSUE = "the issue is where the site's operators see whether the cluster is still as declared"


class Written(StrEnum):
    """What has become of a text."""

    CREATED = "is written"
    UPDATED = "is updated"
    UNCHANGED = "says so already"
    NEWER = "is of a newer pipeline and stays"


@dataclass(frozen=True)
class Marker:
    """Whose text it is: `preview` or `drift` of a stack, by a pipeline, which GitLab counts upwards."""

    kind: str
    stack: str
    pipeline: int

    def __str__(self) -> str:
        stack = quote(self.stack, safe="/")
        return f"<!-- protobox-cd:{self.kind} stack={stack} pipeline={self.pipeline} -->"

    def marks(self, text: str) -> bool:
        """Whether `text` is about the same; one that only quotes a marker is not."""
        found = read_marker(text)
        return found is not None and (found.kind, found.stack) == (self.kind, self.stack)


def read_marker(text: str) -> Marker | None:
    """Return the first marker that has a line of its own; None where there is none, as in a quotation."""
    found = _MARKER.search(text)
    return Marker(found["kind"], unquote(found["stack"]), int(found["pipeline"])) if found else None


def framed(marker: Marker, body: str, before: str = "") -> str:
    """Return `body` between the marker and our last line, and around it what a person wrote in `before`."""
    above, _, below = parts(before)
    body = body.replace(END, END.replace("<!--", "<! --")).strip()
    return f"{above}{marker}\n{body}\n\n{END}{below}"


def parts(text: str) -> tuple[str, str, str]:
    """Return what a person has written above the marker, our part, and what is below our last line."""
    if not (found := _MARKER.search(text)):
        return "", "", ""
    ours, _, below = text[found.end() :].partition(END)
    return text[: found.start()], ours.strip(), below


class MergeRequest:
    """The merge request `iid` of a project, as `pipeline` sees it: its labels, and one note per stack.

    Raises:
        GitLabError: from every method: a variable is missing, or GitLab cannot be asked, or refuses.
    """

    def __init__(self, connection: Gitlab, project: int, iid: int, pipeline: int) -> None:
        self.name = f"merge request !{iid}"
        self._connection, self._iid, self._pipeline, self._project = connection, iid, pipeline, project
        self._requests = connection.projects.get(project, lazy=True).mergerequests
        self._notes = self._requests.get(iid, lazy=True).notes

    @classmethod
    def of_this_pipeline(cls, environ: Mapping[str, str]) -> MergeRequest | None:
        """Return the merge request of the pipeline that the variables describe; None if it is of none."""
        if not environ.get("CI_MERGE_REQUEST_IID"):
            return None
        # The pipeline of a fork runs in the fork, its merge request is in the project that it came from.
        names = ("CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_IID", "CI_PIPELINE_ID")
        return cls(connect(environ), *(number(environ, name) for name in names))

    @classmethod
    def of_this_commit(cls, environ: Mapping[str, str]) -> MergeRequest | None:
        """Return the merge request that brought this pipeline's commit to its branch; None if none did."""
        connection, project = connect(environ), number(environ, "CI_PROJECT_ID")
        pipeline, sha = number(environ, "CI_PIPELINE_ID"), environ.get("CI_COMMIT_SHA", "")
        why = "what `up` does is compared with what the merge request has shown"
        with asking(connection, f"the merge request of commit {sha[:8]}", why):
            found: Any = connection.projects.get(project, lazy=True).commits.get(sha, lazy=True)
            wanted = ("merged", environ.get("CI_COMMIT_BRANCH"))
            brought = found.merge_requests(get_all=True)
            merged = [one["iid"] for one in brought if (one["state"], one["target_branch"]) == wanted]
        return cls(connection, project, max(merged), pipeline) if merged else None

    def labels(self) -> frozenset[str]:
        """Return the labels that the merge request has now, not when the pipeline began."""
        with asking(self._connection, f"the labels of {self.name}", "they decide what may be deleted"):
            return frozenset(map(str, self._requests.get(self._iid).labels))

    def note(self, stack: str) -> str:
        """Return our part of the note about `stack`, "" where there is none."""
        with asking(self._connection, f"the note about stack {stack} on {self.name}", _WHY_NOTE):
            found = self._ours(Marker("preview", stack, 0), rf"project_{self._project}_bot(_\w+)?")
            return parts(found[-1].body)[1] if found else ""

    def put_note(self, stack: str, body: str) -> Written:
        """Make `body` the note about `stack`: the one that is there is changed, else one is created."""
        marker = Marker("preview", stack, self._pipeline)
        with asking(self._connection, f"the note about stack {stack} on {self.name}", _WHY_NOTE):
            return _put(self._notes, "body", marker, body, self._ours(marker))

    def _ours(self, marker: Marker, others: str = "") -> list[Any]:
        """Return the notes about the same as `marker` by this token's user, or by `others`, oldest first."""
        user: Any = self._connection.http_get("/user")
        # Not by type: as soon as somebody answers it, GitLab makes a DiscussionNote of ours.
        return [
            note
            for note in self._notes.list(iterator=True, order_by="created_at", sort="asc")
            if note.author["id"] == user["id"] or re.fullmatch(others, note.author["username"])
            if not note.system and marker.marks(note.body)
        ]


class DriftIssue:
    """The issue about drift of a stack, open as long as there is drift.

    It is opened again rather than filed anew when drift comes back: its discussion, its assignee and the
    earlier cases are then in one place.

    Raises:
        GitLabError: from every method: a variable is missing, or GitLab cannot be asked, or refuses.
    """

    def __init__(self, stack: str, environ: Mapping[str, str]) -> None:
        self._connection, self._project = connect(environ), number(environ, "CI_PROJECT_ID")
        self._marker = Marker("drift", stack, number(environ, "CI_PIPELINE_ID"))
        self._issues = self._connection.projects.get(self._project, lazy=True).issues

    def write(self, body: str, *, is_drift: bool) -> Written:
        """Make `body` the description of the open issue, or close it, with `body` above what it said."""
        with asking(self._connection, f"the issue about drift of stack {self._marker.stack}", _WHY_ISSUE):
            found = [one for one in self._ours() if is_drift or one.state == "opened"]
            if not found and not is_drift:
                return Written.UNCHANGED
            body = body if is_drift else f"{body}\n\n{parts(found[0].description)[1]}"
            also = {"title": f"Drift: stack {self._marker.stack}", "labels": LABEL}
            if found:  # what a person has made of title and labels stays
                turns = (found[0].state == "opened") != is_drift
                also = {"state_event": "reopen" if is_drift else "close"} if turns else {}
            return _put(self._issues, "description", self._marker, body, found, **also)

    def _ours(self) -> list[Any]:
        """Return the issues that a job has written, with this token or with an earlier one, oldest first."""
        # By author, so that ours are found without the label too. By label, so that those of the token before
        # are found: each project access token has a user of its own, and lives a year at most.
        user: Any = self._connection.http_get("/user")
        ours = re.compile(rf"project_{self._project}_bot(_\w+)?|{re.escape(user['username'])}")
        found = {
            issue.iid: issue
            for query in ({"author_id": user["id"]}, {"labels": LABEL})
            for issue in self._issues.list(iterator=True, state="all", **query)
            if ours.fullmatch(issue.author["username"]) and not issue.moved_to_id
            if self._marker.marks(issue.description or "")
        }
        return [found[iid] for iid in sorted(found)]


def _put(texts: Any, field: str, marker: Marker, body: str, found: Sequence[Any], **also: str) -> Written:
    """Make `body` the text, in the first that was found or in a new one, and set what is `also` to be set.

    Nothing is written if a newer pipeline's is there, or if it says so already.
    """
    before = getattr(found[0], field) if found else ""
    text, there = framed(marker, body, before), read_marker(before)
    if not found:
        texts.create({field: text, **also})
        return Written.CREATED
    if there and there.pipeline > marker.pipeline:
        return Written.NEWER
    if not also and before.replace("\r\n", "\n").strip() == text.replace("\r\n", "\n").strip():
        return Written.UNCHANGED
    texts.update(found[0].get_id(), {field: text, **also})
    return Written.UPDATED
