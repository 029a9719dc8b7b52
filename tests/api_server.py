"""A scripted Kubernetes API on loopback: one ConfigMap store that can also misbehave.

The engine tests use a real kube-apiserver; this one exists for answers that a healthy one does not give.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.serving import serving_in_a_thread

NAMESPACES = "/api/v1/namespaces/"


@dataclass
class ApiServer:
    """ConfigMaps and Services of kube-system, and how the API misbehaves."""

    config_maps: dict[str, dict[str, str]] = field(default_factory=dict)
    """Name → data; a name with a slash is in another namespace, `openshift-dns/dns-default`."""
    binary: dict[str, dict[str, str]] = field(default_factory=dict)
    """ConfigMap name → its files that are no UTF-8, in Base64."""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """ConfigMap name → its labels."""
    services: dict[str, str] = field(default_factory=dict)
    """Service name → cluster IP."""
    aliases: dict[str, str] = field(default_factory=dict)
    """`namespace/name` of a Service of the type ExternalName → the name it leads to."""
    pods: list[dict[str, Any]] = field(default_factory=list)
    """The pods of kube-system, as the API shows them."""
    absent: frozenset[str] = frozenset()
    """Namespaces that do not exist; all others do."""
    uid: str = "kube-system's"
    """The UID of every namespace."""
    logs: dict[str, list[str]] = field(default_factory=dict)
    """Pod name → its log, as `timestamps=true` shows it; a pod without one cannot be asked."""
    earlier: dict[str, list[str]] = field(default_factory=dict)
    """Pod name → what came before that, if anything."""
    forbidden: str = ""
    """A word in the path of what is answered with 403."""
    version: int = 1
    refuse: int = 0
    """An HTTP status to answer everything with; 0 for none."""
    busy: list[int] = field(default_factory=list)
    """HTTP statuses for the next requests, each with "ask again at once"; what is asked is not done."""
    conflicts: int = 0
    """How many writes are still answered with 409, as if somebody else had written before."""
    delay: float = 0.0
    """Seconds until an answer begins."""
    writes: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | str]:
        """Return status and body for a request; a text is no JSON."""
        time.sleep(self.delay)
        refused = self.refuse or (403 if self.forbidden and self.forbidden in path else 0)
        if status := self.busy.pop(0) if self.busy else refused:
            return status, _status(status, f"scripted, for {self.forbidden or 'everything'}")
        if path == "/version":
            return 200, {"gitVersion": "v1.32.4"}
        if path.startswith("/api/v1/services?"):
            return 200, {"items": [_alias(*alias) for alias in self.aliases.items()]}
        return self._answer_in_namespace(method, path, body)

    def _answer_in_namespace(
        self, method: str, path: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any] | str]:
        namespace, _, rest = path.partition("?")[0].removeprefix(NAMESPACES).partition("/")
        kind, _, name = rest.partition("/")
        if "tailLines=" in path and (pod := name.removesuffix("/log")) in self.earlier:
            return 200, "".join(f"{line}\n" for line in (*self.earlier[pod], *self.logs[pod]))
        if not kind and namespace in self.absent:
            return 404, _status(404, f'namespaces "{namespace}" not found')
        if not kind:
            return 200, {"kind": "Namespace", "metadata": {"name": namespace, "uid": self.uid}}
        if kind == "services" and name in self.services:
            return 200, {"kind": "Service", "spec": {"clusterIPs": [self.services[name]]}}
        if kind == "configmaps":
            key = name if namespace == "kube-system" else f"{namespace}/{name}"
            return self._answer_for(method, key, body)
        return self.answer_about_pods(name) if kind == "pods" else _not_found(kind, name)

    def answer_about_pods(self, name: str) -> tuple[int, dict[str, Any] | str]:
        """Return status and body for the list of pods, or for one pod's log."""
        if not name:
            return 200, {"kind": "PodList", "metadata": {}, "items": self.pods}
        log = self.logs.get(name.removesuffix("/log"))
        return (200, "".join(f"{line}\n" for line in log)) if log is not None else _not_found("pods", name)

    def _answer_for(self, method: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            key = body["metadata"]["name"]
            self.config_maps[key] = {}
        if key not in self.config_maps:
            return _not_found("configmaps", key)
        if method == "PATCH" and (self.conflicts or body["metadata"]["resourceVersion"] != str(self.version)):
            self.conflicts = max(self.conflicts - 1, 0)
            self.version += 1
            return 409, _status(409, "the object has been modified")
        if method != "GET":
            self.writes.append(body)
            merged = {**self.config_maps[key], **body["data"]}
            self.config_maps[key] = {name: text for name, text in merged.items() if text is not None}
            self.version += 1
        return 200, self._config_map(key)

    def _config_map(self, name: str) -> dict[str, Any]:
        metadata = {
            "name": name,
            "namespace": "kube-system",
            "resourceVersion": str(self.version),
            "labels": self.labels.get(name, {}),
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        return {
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": self.config_maps[name],
            "binaryData": self.binary.get(name),
        }


def _alias(name: str, target: str) -> dict[str, Any]:
    namespace, _, bare = name.partition("/")
    return {"metadata": {"namespace": namespace, "name": bare}, "spec": {"externalName": target}}


def _not_found(kind: str, name: str) -> tuple[int, dict[str, Any]]:
    return 404, _status(404, f'{kind} "{name}" not found')


def _status(code: int, message: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}


@contextmanager
def serving(api: ApiServer, folder: Path) -> Iterator[Path]:
    """Serve `api` on a free port of 127.0.0.1; yields a kubeconfig with the one context `test`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_PATCH(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else {}
            status, body = api.answer(self.command, self.path, sent)
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return  # the client has stopped waiting

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(_kubeconfig(server.server_port)), encoding="utf-8")
    with serving_in_a_thread(server):
        yield kubeconfig


def _kubeconfig(port: int) -> dict[str, Any]:
    return {
        "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "test", "user": {"token": "x"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
