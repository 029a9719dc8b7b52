"""A proxy in front of the lab's API server that now and then answers in its place, or spoils its answer."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.review.gitlab.tls import certificate
from tests.serving import serving_in_a_thread

REASONS = {409: "Conflict", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}
LOST, BROKEN, HANGS = "answer lost", "answer breaks off", "answer hangs"
FAULTS = (*map(str, REASONS), LOST, BROKEN, HANGS)
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}
_HANGS_SECONDS = 3.0


@dataclass
class Disturbance:
    """Which requests meet a fault.

    Attributes:
        chance: decides; the same seed asked in the same order decides the same.
        rate: how many of a hundred requests meet one.
        spared: how many requests are passed on as they are before that.
        seen: how often each fault has happened.
    """

    chance: random.Random
    rate: float
    spared: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, method: str) -> str:
        """Return the fault of the next request, "" for none."""
        with self._lock:
            self.spared -= 1
            if self.spared >= 0 or self.chance.random() * 100 >= self.rate:
                return ""
            faults = [one for one in FAULTS if method in _WRITES or one != "409"]
            chosen = self.chance.choice(faults)
            self.seen[chosen] += 1
            return chosen


class _Handler(BaseHTTPRequestHandler):
    """Passes a request on, or spoils it, for the `disturbance` of its subclass."""

    protocol_version = "HTTP/1.1"
    disturbance: Disturbance
    server_at: tuple[str, int]
    trusted: ssl.SSLContext

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.disturbance.next(self.command)
        if fault.isdigit():
            self._status(int(fault))
            return
        if fault == HANGS:
            time.sleep(_HANGS_SECONDS)
            self.close_connection = True
            return
        upstream = http.client.HTTPSConnection(*self.server_at, context=self.trusted)
        try:
            headers = {key: value for key, value in self.headers.items() if key.lower() not in _HOP_BY_HOP}
            upstream.request(
                self.command, self.path, body or None, {**headers, "Accept-Encoding": "identity"}
            )
            answer = upstream.getresponse()
            if fault == LOST:  # carried out, and nobody learns of it
                answer.read()
                self.close_connection = True
                return
            self._pass_on(answer, breaks=fault == BROKEN)
        except OSError:
            self.close_connection = True  # one of the two sides has stopped waiting
        finally:
            upstream.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - as http.server calls them

    def _status(self, code: int) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
        body = json.dumps({**status, "reason": REASONS[code], "message": f"chaos: {REASONS[code]}"}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if code in {429, 503}:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def _pass_on(self, answer: http.client.HTTPResponse, *, breaks: bool) -> None:
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in _HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(65536):
            if breaks:
                self._chunk(piece[: len(piece) // 2])
                self.close_connection = True
                return
            self._chunk(piece)
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, piece: bytes) -> None:
        self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def log_message(self, *args: object) -> None:
        """Keep the test's output quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients go away in the middle, as they are told to."""


@contextlib.contextmanager
def proxied(kubeconfig: Path, folder: Path, disturbance: Disturbance) -> Iterator[Path]:
    """Put a proxy in front of the API server of a kubeconfig; yields the kubeconfig that leads through it."""
    config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    cluster = config["clusters"][0]["cluster"]
    place = urlsplit(cluster["server"])
    ca_file, chain, key = certificate(folder)
    handler = type(
        "Handler",
        (_Handler,),
        {
            "disturbance": disturbance,
            "server_at": (place.hostname, place.port),
            "trusted": ssl.create_default_context(cafile=cluster["certificate-authority"]),
        },
    )
    server = _Server(("127.0.0.1", 0), handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    cluster |= {"server": f"https://127.0.0.1:{server.server_port}", "certificate-authority": str(ca_file)}
    through = folder / "kubeconfig"
    through.write_text(yaml.safe_dump(config), encoding="utf-8")
    with serving_in_a_thread(server):
        yield through
