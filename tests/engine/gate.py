"""A way to the lab's API server on which a test can do something at the very moment of a write.

Whatever passes is forwarded as it is and answered by the real API server, so a conflict is a real one.
"""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import yaml

from lab.engine import stack_environment
from lab.lab import Lab
from tests.serving import serving_in_a_thread

CONTEXT = "lab"
_UP = ["up", "--yes", "--skip-preview", "--non-interactive", "--color=never"]


class CutOffError(Exception):
    """Raised by a hook: the client gets no answer, as when its machine is gone."""


def _nothing(_layer: str) -> None:
    """Let the write pass."""


class Gate:
    """What the test does with each write to a DNS layer's ConfigMap, and what came of it.

    Attributes:
        before: called with the layer's name before a write reaches the API server.
        after: called when it was written, before the client gets to know.
        answers: layer → the HTTP status of each write, in order.
        kubeconfig: the way through this gate; its context has the name of the lab's own.

    Args:
        folder: where the program is.
    """

    def __init__(self, folder: Path) -> None:
        self.before: Callable[[str], None] = _nothing
        self.after: Callable[[str], None] = _nothing
        self.answers: defaultdict[str, list[int]] = defaultdict(list)
        self.kubeconfig = folder / "gate-kubeconfig"
        self._folder = folder
        self.one_write_at_a_time = threading.Lock()

    def up(self, lab: Lab) -> subprocess.Popen[str]:
        """Start a `pulumi up` that reaches the cluster through this gate."""
        return subprocess.Popen(
            [lab.programs.pulumi, *_UP],
            cwd=self._folder,
            env=stack_environment(lab) | {"KUBECONFIG": str(self.kubeconfig)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def kill(up: subprocess.Popen[str]) -> None:
    """Kill `pulumi up` and the plugins, which it keeps in process groups of their own."""
    plugins = psutil.Process(up.pid).children(recursive=True)
    for process in [psutil.Process(up.pid), *plugins]:
        process.kill()


@contextmanager
def gate_before(kubeconfig: Path, folder: Path) -> Iterator[Gate]:
    """Serve a gate to the API server of `kubeconfig` on a free port of 127.0.0.1."""
    api = _ApiServer(kubeconfig)
    gate = Gate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "/log?" in self.path:
                api.stream(self)
            else:
                self._answer(*api.ask(self))

        def do_PATCH(self) -> None:
            layer = urlsplit(self.path).path.rpartition("/")[2]
            with gate.one_write_at_a_time:
                try:
                    gate.before(layer)
                    status, body = api.ask(self)
                    gate.answers[layer].append(status)
                    gate.after(layer)
                except CutOffError:
                    self.close_connection = True
                    return
            self._answer(status, body)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gate.kubeconfig.write_text(json.dumps(_way_through(server.server_port)), encoding="utf-8")
    with serving_in_a_thread(server):
        yield gate


class _ApiServer:
    """The real API server, with the credentials of its kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._address = urlsplit(cluster["server"]).netloc
        self._trust = ssl.create_default_context(cafile=cluster["certificate-authority"])
        self._credentials = {"Authorization": f"Bearer {user['token']}"}

    def ask(self, request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        """Forward the request and return the status and the body of its answer."""
        with self._asked(request) as answer:
            return answer.status, answer.read()

    def stream(self, request: BaseHTTPRequestHandler) -> None:
        """Forward a request whose answer does not end, and pass on what comes of it, as it comes."""
        request.close_connection = True
        with suppress(OSError), self._asked(request) as answer:
            request.send_response(answer.status)
            request.end_headers()
            while piece := answer.read1():
                request.wfile.write(piece)

    @contextmanager
    def _asked(self, request: BaseHTTPRequestHandler) -> Iterator[http.client.HTTPResponse]:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        kept = {name: request.headers[name] for name in ("Accept", "Content-Type") if name in request.headers}
        connection = http.client.HTTPSConnection(self._address, timeout=60, context=self._trust)
        with closing(connection):
            connection.request(request.command, request.path, body, kept | self._credentials)
            yield connection.getresponse()


def _way_through(port: int) -> dict[str, object]:
    return {
        "clusters": [{"name": CONTEXT, "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": CONTEXT, "user": {"token": "added-by-the-gate"}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
    }
