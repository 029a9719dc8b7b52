"""The site's Git server: real `git http-backend` under /gitlab/, where the page has GitLab.

Runs as a process of its own: `python -m lab.first_sync.git_server <folder of repositories> <address>`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from lab.environment import on_the_site
from lab.first_sync import gitlab_api

PORT = 80
PREFIX = "/gitlab"
PRIVATE = "private"
"""A group of which nobody is told anything without credentials, not even what is in it; as GitLab does."""
_REPOSITORY = re.compile(r"/[\w.-]+/[\w.-]+?(?P<suffix>\.git)?(?=/(info/refs|git-(upload|receive)-pack)$)")


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
                self._answer(*gitlab_api.answer(folder, path, dict(parse_qsl(url.query))))
            elif path.startswith(f"/{PRIVATE}/") and "Authorization" not in self.headers:
                realm = {"WWW-Authenticate": 'Basic realm="GitLab"', "Content-Type": "text/plain"}
                self._answer(HTTPStatus.UNAUTHORIZED, realm, b"HTTP Basic: Access denied")
            elif not found["suffix"]:  # as GitLab does
                there = f"{PREFIX}{path[: found.end()]}.git{path[found.end() :]}?{url.query}"
                self._answer(HTTPStatus.MOVED_PERMANENTLY, {"Location": there}, b"")
            else:
                self._answer(*self._backend(path, url.query))

        def _backend(self, path: str, query: str) -> tuple[int, dict[str, str], bytes]:
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


if __name__ == "__main__":
    git_server(Path(sys.argv[1]), sys.argv[2]).serve_forever()
