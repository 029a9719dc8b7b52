"""The stand-in's HTTP side: tokens, sub-path, TLS, and the faults that a test has asked for."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.review.gitlab.api import Answer, Project, RefusedError, Request
from tests.review.gitlab.faults import Fault
from tests.review.gitlab.objects import MergeRequest, Note, Token, User
from tests.review.gitlab.tls import certificate
from tests.serving import serving_in_a_thread

API = "/api/v4"
TOKEN = "glpat-a-project-access-token"  # noqa: S105  # of the stand-in
JOB_TOKEN = "glcbt-64_the-token-of-a-job"  # noqa: S105  # as above
BOT = User(41, "project_5_bot_1f2e3d")


@dataclass
class GitLab:
    """A GitLab with one project, one merge request (`!7`), and the project's access token.

    Attributes:
        subpath: where GitLab is on its host, "" for the root.
        external_url: the URL that GitLab believes to have, used in its headers; "" for the real one.
        faults: what happens to the next requests; the first that matches counts.
        requests: what was asked, as `GET /user`.
    """

    project: Project = field(default_factory=Project)
    subpath: str = "/gitlab"
    external_url: str = ""
    tokens: dict[str, Token] = field(default_factory=lambda: {TOKEN: Token(BOT)})
    job_tokens: dict[str, Token] = field(
        default_factory=lambda: {JOB_TOKEN: Token(User(9, "developer"), is_of_job=True)}
    )
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    hides: tuple[str, ...] = ()
    """Headers of an answer that a proxy takes away."""
    url: str = ""
    ca_file: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def merge_request(self) -> MergeRequest:
        return self.project.merge_requests[7]

    @property
    def notes(self) -> list[Note]:
        return self.merge_request.notes

    def add_note(self, body: str, author: User = BOT, **more: Any) -> Note:
        """Add a note to the merge request, as if it had been there before."""
        note = Note(self.project.next_id(), body, author, **more)
        self.notes.append(note)
        return note

    def environ(self, pipeline: int = 1000) -> dict[str, str]:
        """Return the variables of a job in a pipeline of the merge request."""
        return {
            "CI_SERVER_URL": self.url,
            "CI_PROJECT_ID": str(self.project.id),
            "CI_MERGE_REQUEST_PROJECT_ID": str(self.project.id),
            "CI_MERGE_REQUEST_IID": "7",
            "CI_PIPELINE_ID": str(pipeline),
            "CI_JOB_URL": f"{self.url}/protobox1/site/-/jobs/{pipeline}1",
            "CI_JOB_TOKEN": JOB_TOKEN,
            "PROTOBOX_GITLAB_TOKEN": TOKEN,
        } | ({"CI_SERVER_TLS_CA_FILE": self.ca_file} if self.ca_file else {})

    def count(self, start: str) -> int:
        """Return how many requests began like this."""
        return sum(request.startswith(start) for request in self.requests)

    def fault(self, method: str, path: str) -> Fault:
        """Return what happens to this request."""
        with self._lock:
            self.requests.append(f"{method} {path}")
            return next((fault for fault in self.faults if fault.takes(method, path)), Fault())

    def answer(self, request: Request | None) -> Answer:
        """Carry out a request, one at a time; None is one without a token that is known."""
        if request is None:
            return 401, {"message": "401 Unauthorized"}, {}
        with self._lock:
            try:
                return self.project.answer(request, f"{self.external_url or self.url}{API}")
            except RefusedError as error:
                return error.status, error.content, {}


class _Handler(BaseHTTPRequestHandler):
    """Answers for the `gitlab` of its subclass."""

    gitlab: GitLab

    def _answer(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        url = urlsplit(self.path)
        path = url.path.removeprefix(self.gitlab.subpath + API)
        if path == url.path:
            self._send(404, b"<!DOCTYPE html><title>404</title>", {"Content-Type": "text/html"})
            return
        fault = self.gitlab.fault(self.command, path)
        fault.before()
        time.sleep(fault.seconds)
        status, body, headers = fault.status, fault.body.encode(), dict(fault.headers)
        if fault.is_done or not (fault.status or fault.drops):
            token = self._token()
            request = Request(self.command, path, dict(parse_qsl(url.query)), sent, token) if token else None
            usual, content, more = self.gitlab.answer(request)
            if not fault.status:
                is_text = isinstance(content, bytes)
                body = content if is_text else b"" if content is None else json.dumps(content).encode()
                status, headers = usual, more
        if fault.drops:
            self.close_connection = True
        else:
            self._send(status, body, {"Content-Type": "application/json"} | headers)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # the names that http.server calls

    def _token(self) -> Token | None:
        of_job = self.gitlab.job_tokens.get(self.headers.get("JOB-TOKEN", ""))
        return self.gitlab.tokens.get(self.headers.get("PRIVATE-TOKEN", ""), of_job)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                if name in self.gitlab.hides:
                    continue
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # the client has stopped waiting

    def log_message(self, *args: object) -> None:
        """Keep the test's output quiet."""


@contextmanager
def serving(gitlab: GitLab, folder: Path | None = None) -> Iterator[GitLab]:
    """Serve `gitlab` on a free port of 127.0.0.1; over TLS, with a CA of its own, if there is a folder."""
    handler = type("Handler", (_Handler,), {"gitlab": gitlab})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    scheme = "http"
    if folder:
        scheme = "https"
        ca_file, chain, key = certificate(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        gitlab.ca_file = str(ca_file)
    gitlab.url = f"{scheme}://127.0.0.1:{server.server_port}{gitlab.subpath}"
    with serving_in_a_thread(server):
        yield gitlab
