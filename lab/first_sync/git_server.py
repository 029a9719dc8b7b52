"""The site's Git server: real `git http-backend` and some of GitLab's API, where the page has GitLab.

Runs as a process of its own: `python -m lab.first_sync.git_server <folder of repositories> <address>`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from lab.environment import on_the_site

PORT = 80
PREFIX = "/gitlab"
PRIVATE = "private"
"""A group of which nobody is told anything without credentials, not even what is in it; as GitLab does."""
_API = "/api/v4"
_REPOSITORY = re.compile(r"/[\w.-]+/[\w.-]+?(?P<suffix>\.git)?(?=/(info/refs|git-(upload|receive)-pack)$)")
_Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


def git_server(folder: Path, address: str, port: int = PORT) -> ThreadingHTTPServer:
    """Return a server of the bare repositories `<folder>/<group>/<project>.git`, which listens already."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._git()

        def do_POST(self) -> None:
            self._git()

        def _git(self) -> None:
            url = urlsplit(self.path)
            path = url.path.removeprefix(PREFIX)
            found = _REPOSITORY.match(path) if path != url.path else None
            if not found:
                self._answer(*_api_answer(folder, path, dict(parse_qsl(url.query))))
            elif path.startswith(f"/{PRIVATE}/") and "Authorization" not in self.headers:
                realm = {"WWW-Authenticate": 'Basic realm="GitLab"', "Content-Type": "text/plain"}
                self._answer(HTTPStatus.UNAUTHORIZED, realm, b"HTTP Basic: Access denied")
            elif not found["suffix"]:  # as GitLab does
                there = f"{PREFIX}{path[: found.end()]}.git{path[found.end() :]}?{url.query}"
                self._answer(HTTPStatus.MOVED_PERMANENTLY, {"Location": there}, b"")
            else:
                self._answer(*self._backend(path, url.query))

        def _backend(self, path: str, query: str) -> _Answer:
            variables = {
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "REQUEST_METHOD": self.command,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_ADDR": self.client_address[0],
                "REMOTE_USER": "supervisor",
            }
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                env=on_the_site() | variables,
                capture_output=True,
                check=True,
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n"))
            return int(fields.pop("Status", "200").split()[0]), fields, content

        def _answer(self, status: int, fields: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in (fields | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    return ThreadingHTTPServer((address, port), Handler)


def _api_answer(folder: Path, path: str, query: Mapping[str, str]) -> _Answer:
    """Return the answer to a GET of `path`, about the repositories `<folder>/<group>/*.git`.

    It says what `discover` asks, by GitLab's documentation (Groups, Repositories, Repository files API).
    """
    repositories = sorted(folder.glob("*/*.git"))
    if found := re.fullmatch(rf"{_API}/groups/([^/]+)/projects", path):
        group = unquote(found[1])
        if not (folder / group).is_dir():
            return _refused("404 Group Not Found")
        listed = [
            _project(number, one) for number, one in enumerate(repositories) if one.parent.name == group
        ]
        return _json(listed, {"X-Total": str(len(listed)), "X-Next-Page": ""})
    found = re.fullmatch(rf"{_API}/projects/(\d+)/repository/(?:tree|files/([^/]+)/raw)", path)
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


def _json(content: object, fields: Mapping[str, str] | None = None) -> _Answer:
    return HTTPStatus.OK, {"Content-Type": "application/json", **(fields or {})}, json.dumps(content).encode()


def _refused(message: str) -> _Answer:
    body = json.dumps({"message": message}).encode()
    return HTTPStatus.NOT_FOUND, {"Content-Type": "application/json"}, body


if __name__ == "__main__":
    git_server(Path(sys.argv[1]), sys.argv[2]).serve_forever()
