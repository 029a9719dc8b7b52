"""A group of projects with repositories, as far as discovery asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.review.gitlab.api import Answer, Project, RefusedError, Request
from tests.review.gitlab.objects import Role
from tests.review.gitlab.pages import page_of


@dataclass
class Repository:
    """A project of the group.

    Attributes:
        path: with that of the group: `protobox1/docserver`.
        files: path → text or bytes, on the branch CD.
    """

    path: str
    files: Mapping[str, str | bytes] = field(default_factory=lambda: {"factory/CD/base/a.yaml": "a"})
    archived: bool = False
    is_empty: bool = False


@dataclass
class Group(Project):
    """A group, in place of the one project that the review asks for."""

    path: str = "protobox1"
    repositories: list[Repository] = field(default_factory=list)

    def answer(self, request: Request, base: str) -> Answer:
        if request.user.role == Role.NONE or request.method != "GET":
            raise RefusedError(403, {"message": "403 Forbidden"})
        if found := re.fullmatch(r"/groups/([^/]+)/projects", request.path):
            if unquote(found[1]) != self.path:
                raise RefusedError(404, {"message": "404 Group Not Found"})
            listed = [
                {
                    "id": number,
                    "path_with_namespace": one.path,
                    "empty_repo": one.is_empty,
                    "repository_access_level": "enabled",
                }
                for number, one in enumerate(self.repositories)
                if not (one.archived and request.query.get("archived") == "false")
            ]
            page, headers = page_of(listed, request.query, f"{base}{request.path}", counts=self.counts)
            return 200, page, headers
        found = re.fullmatch(r"/projects/(\d+)/repository/(tree|files/([^/]+)/raw)", request.path)
        if not found or int(found[1]) >= len(self.repositories):
            raise RefusedError(404, {"message": "404 Project Not Found"})
        return self._of_repository(self.repositories[int(found[1])], request, found[3])

    def _of_repository(self, repository: Repository, request: Request, file: str | None) -> Answer:
        files = repository.files if request.query.get("ref") == "CD" and not repository.is_empty else {}
        if file is None:
            folder = f"{request.query['path']}/"
            there = [{"path": path} for path in files if path.startswith(folder)]
            if not there:
                raise RefusedError(404, {"message": "404 invalid revision or path Not Found"})
            return 200, there[: int(request.query["per_page"])], {}
        if (text := files.get(unquote(file))) is None:
            raise RefusedError(404, {"message": "404 File Not Found" if files else "404 Commit Not Found"})
        content = text if isinstance(text, bytes) else text.encode()
        return 200, content, {"Content-Type": "text/plain"}
