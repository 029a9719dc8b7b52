"""The issues of the project: one per stack, open as long as there is drift.

An issue is opened again rather than filed anew when drift comes back: its discussion, its assignee and the
earlier cases are then in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from review.gitlab_connection import Connection, connect, number
from review.marker import Marker, read_marker
from review.sticky import Entry, Written, measured, settle

LABEL = "drift"
LIMIT = 1_048_576
"""Characters in an issue's description at most; GitLab refuses a longer one."""

_WHY = "the issue is where the site's operators see whether the cluster is still as declared"


class ProjectIssues:
    """The issues about drift in the project of this pipeline.

    Args:
        connection: the way to GitLab.
        project: the project's id.
        pipeline: the id of this pipeline.
    """

    def __init__(self, connection: Connection, project: int, pipeline: int) -> None:
        self._connection = connection
        self._project = project
        self._pipeline = pipeline

    @classmethod
    def of_this_project(cls, environ: Mapping[str, str]) -> ProjectIssues:
        """Return the issues of the project that the variables of the job describe.

        Raises:
            GitLabError: a variable is missing or cannot be used.
        """
        return cls(connect(environ), number(environ, "CI_PROJECT_ID"), number(environ, "CI_PIPELINE_ID"))

    def report(self, stack: str, body: str) -> Written:
        """Make `body` the description of the one open issue about `stack`; a closed one is opened again.

        Args:
            stack: the stack's name.
            body: Markdown without the marker, which is added.

        Raises:
            GitLabError: the text is too long, or GitLab cannot be asked, or refuses.
        """
        return self._settle(stack, lambda _: body, is_wanted=True)

    def close(self, stack: str, reason: str) -> Written:
        """Close the open issue about `stack`, if there is one; what it said stays below `reason`.

        Args:
            stack: the stack's name.
            reason: one Markdown paragraph, put on top of the description.

        Raises:
            GitLabError: GitLab cannot be asked, or refuses.
        """
        return self._settle(stack, lambda before: f"{reason}\n\n{before}", is_wanted=False)

    def _settle(self, stack: str, body: Callable[[str], str], *, is_wanted: bool) -> Written:
        marker = Marker("drift", stack, self._pipeline)
        where = f"the issue about drift of stack {stack}"
        issues = _Issues(self._connection, self._project, f"Drift: stack {stack}", where, is_wanted=is_wanted)
        with self._connection.operation(where, _WHY) as session:
            return settle(issues, marker, body, session)


class _Issues:
    """The project's issues that a job has written, with this token or with an earlier one of the project."""

    def __init__(
        self, connection: Connection, project: int, title: str, where: str, *, is_wanted: bool
    ) -> None:
        self.is_wanted = is_wanted
        self._connection = connection
        self._path = f"/projects/{project}/issues"
        self._title = title
        self._where = where
        self._bot = re.compile(rf"project_{project}_bot(_\w+)?")

    def find(self, marker: Marker) -> list[Entry]:
        # By author, so that ours are found without the label too. By label, so that those of the token before
        # are found: each project access token has a user of its own, and lives a year at most.
        user = self._connection.user_id()
        found: dict[int, Entry] = {}
        for query in ({"author_id": user}, {"labels": LABEL}):
            for issue in self._connection.pages(self._path, state="all", **query):
                author, is_open = issue["author"], issue["state"] == "opened"
                mark = read_marker(issue["description"] or "")
                is_ours = author["id"] == user or self._bot.fullmatch(author["username"])
                if is_ours and mark and mark.is_about(marker) and not issue.get("moved_to_id"):
                    found[issue["iid"]] = Entry(issue["iid"], mark, issue["description"], is_open)
        return [found[iid] for iid in sorted(found) if self.is_wanted or found[iid].is_open]

    def create(self, text: str) -> None:
        sent = {"title": self._title, "description": self._measured(text), "labels": LABEL}
        self._connection.http_post(self._path, post_data=sent)

    def update(self, entry: Entry, text: str) -> None:
        state = "reopen" if self.is_wanted else "close"
        sent = {"description": self._measured(text)} | (
            {"state_event": state} if self._differs(entry) else {}
        )
        self._connection.http_put(f"{self._path}/{entry.id}", post_data=sent)

    def remove(self, entry: Entry) -> None:
        self._connection.http_put(f"{self._path}/{entry.id}", post_data={"state_event": "close"})

    def _differs(self, entry: Entry) -> bool:
        return entry.is_open != self.is_wanted

    def _measured(self, text: str) -> str:
        return measured(text, LIMIT, self._where, _WHY)
