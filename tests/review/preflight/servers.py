"""Servers on loopback: one that says nothing, a web server, and a Kubernetes API."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.api_server import ApiServer
from tests.serving import serving_in_a_thread


@contextmanager
def silent() -> Iterator[int]:
    """Yield the port of a server that takes every connection, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


Page = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]


@contextmanager
def pages(served: Mapping[str, Page | Callable[[Mapping[str, str]], Page]]) -> Iterator[int]:
    """Yield the port of a web server; `served` is path → the answer, or what makes it from the headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            page = served.get(self.path, (404, b"nothing here"))
            if callable(page):
                page = page(dict(self.headers))
            status, body, *rest = page
            self.send_response(status)
            for name, value in (rest[0] if rest else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving_in_a_thread(server):
        yield server.server_port


class Cluster(ApiServer):
    """A Kubernetes API that tells its version, and who may do what."""

    git_version = "v1.32.4"
    asked: list[dict[str, str]]

    def __init__(self, allowed: Callable[[dict[str, str]], bool] = lambda _right: True) -> None:
        super().__init__()
        self.allowed = allowed
        self.asked = []
        self.records: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | str]:
        if path == "/version" and not self.refuse:
            return 200, {"gitVersion": self.git_version}
        if path.endswith("/selfsubjectaccessreviews") and not self.refuse:
            right = body["spec"]["resourceAttributes"]
            self.asked.append(right)
            return 201, {"status": {"allowed": self.allowed(right)}}
        if "/secrets?" in path and not self.refuse:
            return 200, {"items": self.records}
        return super().answer(method, path, body)
