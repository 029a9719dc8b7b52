"""A scripted Kubernetes API on loopback: one ConfigMap store that can also misbehave.

The engine tests use a real kube-apiserver; this one exists for answers that a healthy one does not give.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

CONFIG_MAPS = "/api/v1/namespaces/kube-system/configmaps/"


@dataclass
class ApiServer:
    """The ConfigMaps of kube-system, and how the API misbehaves."""

    config_maps: dict[str, dict[str, str]] = field(default_factory=dict)
    version: int = 1
    refuse: int = 0
    """An HTTP status to answer everything with; 0 for none."""
    conflicts: int = 0
    """How many writes are still answered with 409, as if somebody else had written before."""
    delay: float = 0.0
    """Seconds until an answer begins."""
    writes: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, patch: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        """Return status and body for a GET, or a PATCH if there is one."""
        time.sleep(self.delay)
        name = path.partition("?")[0].removeprefix(CONFIG_MAPS)
        if self.refuse:
            return self.refuse, _status(self.refuse, "scripted")
        if path.startswith("/api/v1/namespaces/kube-system") and CONFIG_MAPS not in path:
            return 200, {"kind": "Namespace", "metadata": {"name": "kube-system"}}
        if name not in self.config_maps:
            return 404, _status(404, f'configmaps "{name}" not found')
        if patch is not None:
            if self.conflicts or patch["metadata"]["resourceVersion"] != str(self.version):
                self.conflicts = max(self.conflicts - 1, 0)
                self.version += 1
                return 409, _status(409, "the object has been modified")
            self.writes.append(patch)
            self.config_maps[name].update(patch["data"])
            self.version += 1
        metadata = {"name": name, "namespace": "kube-system", "resourceVersion": str(self.version)}
        return 200, {"kind": "ConfigMap", "metadata": metadata, "data": self.config_maps[name]}


def _status(code: int, message: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}


@contextmanager
def serving(api: ApiServer, folder: Path) -> Iterator[Path]:
    """Serve `api` on a free port of 127.0.0.1; yields a kubeconfig with the one context `test`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_PATCH(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, patch: dict[str, Any] | None) -> None:
            status, body = api.answer(self.path, patch)
            content = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return  # the client has stopped waiting

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(_kubeconfig(server.server_port)), encoding="utf-8")
    try:
        yield kubeconfig
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _kubeconfig(port: int) -> dict[str, Any]:
    return {
        "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "test", "user": {"token": "x"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
