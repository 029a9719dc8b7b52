"""The paths of GitLab's REST API that the review uses, with GitLab's rights and limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.review.gitlab.objects import Issue, MergeRequest, Note, Role, Token, User
from tests.review.gitlab.pages import page_of

LONGEST_NOTE = 1_000_000
LONGEST_DESCRIPTION = 1_048_576

Answer = tuple[int, Any, dict[str, str]]
"""Status, JSON and headers."""


class RefusedError(Exception):
    """GitLab answers with this status and JSON."""

    def __init__(self, status: int, content: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.content = content


@dataclass(frozen=True)
class Request:
    """A request: method, path below `/api/v4`, parameters of the URL, JSON of the body, and who asks."""

    method: str
    path: str
    query: Mapping[str, str]
    sent: Mapping[str, Any]
    token: Token

    @property
    def user(self) -> User:
        return self.token.user


@dataclass
class Project:
    """One private project.

    Attributes:
        counts: false for lists of more than 10,000, for which GitLab leaves out the totals.
        stores: what GitLab makes of a note's text, as it takes out quick actions.
    """

    id: int = 5
    merge_requests: dict[int, MergeRequest] = field(default_factory=lambda: {7: MergeRequest(7)})
    issues: list[Issue] = field(default_factory=list)
    packages: dict[str, Any] = field(default_factory=dict)
    """Path in the generic package registry → the file's JSON."""
    counts: bool = True
    stores: Callable[[str], str] = str
    last_id: int = 100

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def answer(self, request: Request, base: str) -> Answer:
        """Return the answer to a request; `base` is the API's URL as GitLab believes it to be."""
        if request.token.scope == "read_api" and request.method != "GET":
            raise RefusedError(403, {"error": "insufficient_scope", "scope": "api"})
        if request.path == "/user":
            if request.token.is_of_job:
                raise RefusedError(401, {"message": "401 Unauthorized"})
            return 200, request.user.as_json(), {}
        if package := re.fullmatch(rf"/projects/{self.id}/packages/generic/(.+)", request.path):
            return self._package(request, package[1])
        commit = re.fullmatch(
            rf"/projects/{self.id}/repository/commits/([0-9a-f]+)/merge_requests", request.path
        )
        if commit and request.user.role != Role.NONE:
            return (
                200,
                [one.as_json() for one in self.merge_requests.values() if commit[1] in one.commits],
                {},
            )
        found = re.fullmatch(
            r"/projects/([^/]+)/(merge_requests|issues)(?:/(\d+))?(/notes)?(?:/(\d+))?", request.path
        )
        if not found:
            raise RefusedError(404, {"error": "404 Not Found"})
        project, kind, number, notes, note = found.groups()
        if unquote(project) != str(self.id) or request.user.role == Role.NONE:
            raise RefusedError(404, {"message": "404 Project Not Found"})
        url = f"{base}{request.path}"
        if kind == "issues" and not notes:
            return self._issues(request, int(number or 0), url)
        return self._merge_request(request, int(number or 0), url, notes=bool(notes), note=int(note or 0))

    def _package(self, request: Request, path: str) -> Answer:
        if request.method == "PUT":
            self.packages[path] = request.sent
            return 201, {"message": "201 Created"}, {}
        if path not in self.packages:
            raise RefusedError(404, {"message": "404 Not Found"})
        return 200, self.packages[path], {}

    def _merge_request(self, request: Request, iid: int, url: str, *, notes: bool, note: int) -> Answer:
        merge_request = self.merge_requests.get(iid)
        if merge_request is None:
            raise RefusedError(404, {"message": "404 Not found"})
        if not notes:
            return 200, merge_request.as_json(), {}
        if request.method != "GET":
            if request.token.is_of_job:  # it may read notes, since GitLab 16 or so, but never write them
                raise RefusedError(401, {"message": "401 Unauthorized"})
            if merge_request.locked:
                raise RefusedError(403, {"message": "403 Forbidden"})
        if note:
            return self._note(request, merge_request, note)
        if request.method == "POST":
            made = Note(self.next_id(), self._text(request), request.user)
            merge_request.notes.append(made)
            return 201, made.as_json(), {}
        is_upwards = request.query.get("sort", "desc") == "asc"
        ordered = sorted(merge_request.notes, key=lambda one: one.id, reverse=not is_upwards)
        page, headers = page_of(ordered, request.query, url, counts=self.counts)
        return 200, [one.as_json() for one in page if not one.hidden], headers

    def _note(self, request: Request, merge_request: MergeRequest, note_id: int) -> Answer:
        note = next((one for one in merge_request.notes if one.id == note_id), None)
        if note is None:
            raise RefusedError(404, {"message": "404 Not found"})
        if request.method == "GET":
            return 200, note.as_json(), {}
        if note.author != request.user and request.user.role < Role.MAINTAINER:
            raise RefusedError(403, {"message": "403 Forbidden"})
        if request.method == "DELETE":
            merge_request.notes.remove(note)
            return 204, None, {}
        note.body = self._text(request)
        return 200, note.as_json(), {}

    def _text(self, request: Request) -> str:
        body = request.sent.get("body")
        if not isinstance(body, str):
            raise RefusedError(400, {"error": "body is missing"})
        if not body.strip():
            raise RefusedError(400, {"message": '400 Bad request - Note {:note=>["can\'t be blank"]}'})
        if len(body) > LONGEST_NOTE:
            too_long = f"is too long (maximum is {LONGEST_NOTE} characters)"
            raise RefusedError(400, {"message": f'400 Bad request - Note {{:note=>["{too_long}"]}}'})
        return self.stores(body)

    def _issues(self, request: Request, iid: int, url: str) -> Answer:
        if iid:
            return self._issue(request, iid)
        if request.method == "POST":
            if not request.sent.get("title"):
                raise RefusedError(400, {"error": "title is missing"})
            made = Issue(self.next_id(), request.sent["title"], _description(request), request.user)
            if request.user.role >= Role.REPORTER:  # of a guest, GitLab takes no labels, and does not say so
                made.labels = _labels(request.sent)
            self.issues.append(made)
            return 201, made.as_json(), {}
        found = [issue for issue in self.issues if _matches(issue, request.query)]
        page, headers = page_of(found[::-1], request.query, url, counts=self.counts)
        return 200, [issue.as_json() for issue in page], headers

    def _issue(self, request: Request, iid: int) -> Answer:
        issue = next((one for one in self.issues if one.iid == iid), None)
        if issue is None:
            raise RefusedError(404, {"message": "404 Not found"})
        if request.method == "PUT":
            if issue.author != request.user and request.user.role < Role.REPORTER:
                raise RefusedError(403, {"message": "403 Forbidden"})
            if "description" in request.sent:
                issue.description = _description(request)
            issue.title = request.sent.get("title", issue.title)
            event = request.sent.get("state_event")
            issue.state = {"close": "closed", "reopen": "opened"}.get(str(event), issue.state)
        return 200, issue.as_json(), {}


def _description(request: Request) -> str | None:
    text = request.sent.get("description")
    if text is not None and len(text) > LONGEST_DESCRIPTION:
        too_long = f"is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        raise RefusedError(400, {"message": {"description": [too_long]}})
    return text


def _labels(values: Mapping[str, Any]) -> list[str]:
    labels = values.get("labels") or ""
    return [label.strip() for label in labels.split(",") if label.strip()]


def _matches(issue: Issue, query: Mapping[str, str]) -> bool:
    text = f"{issue.title}\n{issue.description}".lower()
    return (
        query.get("state", "all") in ("all", issue.state)
        and set(_labels(query)) <= set(issue.labels)
        and query.get("author_id", str(issue.author.id)) == str(issue.author.id)
        and query.get("search", "").lower() in text
    )
