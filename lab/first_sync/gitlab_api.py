"""A stand-in of GitLab's API on the site's Git server: a public group and its real repositories.

It answers what `discover` asks, by GitLab's documentation (Groups, Repositories, Repository files API).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote

from lab.environment import on_the_site

PREFIX = "/api/v4"
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body, as the Git server has them."""


def answer(folder: Path, path: str, query: Mapping[str, str]) -> Answer:
    """Return the answer to a GET of `path`, about the repositories `<folder>/<group>/*.git`."""
    repositories = sorted(folder.glob("*/*.git"))
    if found := re.fullmatch(rf"{PREFIX}/groups/([^/]+)/projects", path):
        group = unquote(found[1])
        if not (folder / group).is_dir():
            return _refused("404 Group Not Found")
        listed = [
            _project(number, one) for number, one in enumerate(repositories) if one.parent.name == group
        ]
        return _json(listed, {"X-Total": str(len(listed)), "X-Next-Page": ""})
    found = re.fullmatch(rf"{PREFIX}/projects/(\d+)/repository/(?:tree|files/([^/]+)/raw)", path)
    if not found or int(found[1]) >= len(repositories):
        return _refused("404 Project Not Found")
    repository, ref = repositories[int(found[1])], query.get("ref", "")
    if found[2]:
        text = _git(repository, "show", f"{ref}:{unquote(found[2])}")
        return _refused("404 File Not Found") if text is None else (HTTPStatus.OK, {}, text)
    there = _git(repository, "ls-tree", ref, f"{query.get('path', '')}/")
    if not there:
        return _refused("404 invalid revision or path Not Found")
    return _json([{"path": line.partition("\t")[2]} for line in there.decode().splitlines()])


def _project(number: int, repository: Path) -> dict[str, object]:
    path = f"{repository.parent.name}/{repository.stem}"
    return {"id": number, "path_with_namespace": path, "empty_repo": not _git(repository, "for-each-ref")}


def _git(repository: Path, *arguments: str) -> bytes | None:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments], env=on_the_site(), capture_output=True, check=False
    )
    return None if done.returncode else done.stdout


def _json(content: object, fields: Mapping[str, str] | None = None) -> Answer:
    return HTTPStatus.OK, {"Content-Type": "application/json", **(fields or {})}, json.dumps(content).encode()


def _refused(message: str) -> Answer:
    body = json.dumps({"message": message}).encode()
    return HTTPStatus.NOT_FOUND, {"Content-Type": "application/json"}, body
