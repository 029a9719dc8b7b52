"""The merge request of this pipeline: its labels, and one note per stack that is kept up to date."""

from __future__ import annotations

from collections.abc import Mapping

from gitlab.exceptions import GitlabParsingError

from review.gitlab_connection import Connection, connect, number
from review.marker import Marker, read_marker
from review.sticky import Entry, Written, measured, settle

__all__ = ["LIMIT", "MergeRequest", "Written"]

LIMIT = 1_000_000
"""Characters in a note at most; GitLab refuses a longer one."""

_WHY = "without an up-to-date note, a reviewer would decide from an old one, or from none"


class MergeRequest:
    """The merge request that a pipeline belongs to.

    Args:
        connection: the way to GitLab.
        project: the id of the project that has the merge request.
        iid: the merge request's number in it.
        pipeline: the id of this pipeline.
    """

    def __init__(self, connection: Connection, project: int, iid: int, pipeline: int) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._name = f"merge request !{iid}"
        self._path = f"/projects/{project}/merge_requests/{iid}"

    @classmethod
    def of_this_pipeline(cls, environ: Mapping[str, str]) -> MergeRequest | None:
        """Return the merge request of the pipeline that the variables describe; None if it is of none.

        Raises:
            GitLabError: a variable is missing or cannot be used.
        """
        if not environ.get("CI_MERGE_REQUEST_IID"):
            return None
        # The pipeline of a fork runs in the fork, its merge request is in the project that it came from.
        of_request = "CI_MERGE_REQUEST_PROJECT_ID"
        project = number(environ, of_request if environ.get(of_request) else "CI_PROJECT_ID")
        iid, pipeline = number(environ, "CI_MERGE_REQUEST_IID"), number(environ, "CI_PIPELINE_ID")
        return cls(connect(environ), project, iid, pipeline)

    def labels(self) -> frozenset[str]:
        """Return the labels that the merge request has now, not when the pipeline began.

        Raises:
            GitLabError: GitLab cannot be asked, or refuses.
        """
        why = "the labels decide whether a deletion is allowed"
        with self._connection.operation(f"the labels of {self._name}", why):
            found = self._connection.http_get(self._path)
            labels = found.get("labels") if isinstance(found, dict) else None
            if not isinstance(labels, list):
                raise GitlabParsingError("a merge request was expected")
            return frozenset(map(str, labels))

    def put_note(self, stack: str, body: str) -> Written:
        """Make `body` the one note about `stack`: the note that is there is changed, else one is created.

        What a person has written below our last line stays. A note of a newer pipeline is left alone.

        Args:
            stack: the stack's name.
            body: Markdown without the marker, which is added.

        Raises:
            GitLabError: the note is too long, or GitLab cannot be asked, or refuses.
        """
        marker = Marker("preview", stack, self._pipeline)
        where = f"the note about stack {stack} on {self._name}"
        shelf = _Notes(self._connection, f"{self._path}/notes", where)
        with self._connection.operation(where, _WHY) as session:
            return settle(shelf, marker, lambda _: body, session)


class _Notes:
    """The notes of a merge request, as far as the token's own user has written them."""

    is_wanted = True

    def __init__(self, connection: Connection, path: str, where: str) -> None:
        self._connection = connection
        self._path = path
        self._where = where

    def find(self, marker: Marker) -> list[Entry]:
        user = self._connection.user_id()
        # Not by type: as soon as somebody answers it, GitLab makes a DiscussionNote of ours.
        found = [
            Entry(note["id"], mark, note["body"])
            for note in self._connection.pages(self._path, order_by="created_at", sort="asc")
            if note["author"]["id"] == user and not note["system"]
            if (mark := read_marker(note["body"])) and mark.is_about(marker)
        ]
        return sorted(found, key=lambda entry: entry.id)

    def create(self, text: str) -> None:
        self._connection.http_post(self._path, post_data={"body": self._measured(text)})

    def update(self, entry: Entry, text: str) -> None:
        self._connection.http_put(f"{self._path}/{entry.id}", post_data={"body": self._measured(text)})

    def remove(self, entry: Entry) -> None:
        self._connection.http_delete(f"{self._path}/{entry.id}")

    def _measured(self, text: str) -> str:
        return measured(text, LIMIT, self._where, _WHY)
