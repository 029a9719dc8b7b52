"""As much of a Kubernetes API as CoreDNS's plugin asks: a few Services, their endpoints and a pod."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVICES = {
    ("default", "kubernetes"): "10.96.0.1",
    ("kube-system", "kube-dns"): "10.96.0.10",
    ("argocd", "argocd-repo-server"): "10.96.7.1",
    ("argocd", "argocd-server"): "10.96.7.2",
    ("dev", "git"): "10.96.8.1",
    ("dev", "web"): "None",
}
LOAD_BALANCER = "203.0.113.9"
"""The external address of dev/git, which `k8s_external` answers."""
POD = "10.244.1.5"


def serve(port: int) -> None:
    """Answer on 127.0.0.1 as long as this process lives."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _meta(namespace: str, name: str, **more: Any) -> dict[str, Any]:
    scope = {"namespace": namespace} if namespace else {}
    return {"metadata": {"name": name, "uid": f"{namespace}-{name}", "resourceVersion": "1", **scope, **more}}


def _service(namespace: str, name: str, ip: str) -> dict[str, Any]:
    ports = [{"name": "https", "port": 443, "protocol": "TCP"}]
    service = {**_meta(namespace, name), "spec": {"clusterIP": ip, "clusterIPs": [ip], "ports": ports}}
    if (namespace, name) == ("dev", "git"):
        service["spec"]["type"] = "LoadBalancer"
        service["status"] = {"loadBalancer": {"ingress": [{"ip": LOAD_BALANCER}]}}
    return service


def _slice(namespace: str, name: str) -> dict[str, Any]:
    endpoint = {"addresses": [POD], "hostname": f"{name}-0", "conditions": {"ready": True}}
    labels = {"kubernetes.io/service-name": name}
    return {
        **_meta(namespace, f"{name}-1", labels=labels),
        "addressType": "IPv4",
        "endpoints": [endpoint],
        "ports": [{"name": "https", "port": 443, "protocol": "TCP"}],
    }


def _pod() -> dict[str, Any]:
    status = {"phase": "Running", "podIP": POD, "podIPs": [{"ip": POD}]}
    return {**_meta("dev", "web-0"), "spec": {}, "status": status}


_RESOURCES: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "namespaces": (
        "v1",
        "Namespace",
        [_meta("", name) for name in sorted({namespace for namespace, _ in SERVICES})],
    ),
    "services": ("v1", "Service", [_service(*key, ip) for key, ip in SERVICES.items()]),
    "endpointslices": ("discovery.k8s.io/v1", "EndpointSlice", [_slice(*key) for key in SERVICES]),
    "pods": ("v1", "Pod", [_pod()]),
}
_DISCOVERY = [
    {"name": "endpointslices", "kind": "EndpointSlice", "namespaced": True, "verbs": ["list", "watch"]}
]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a list, a watch that never has news, or what the API can do."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        resource = url.path.rpartition("/")[2]
        if resource not in _RESOURCES:
            self._answer(_about_the_api(url.path))
        elif query.get("watch", [""])[0] in {"1", "true"}:
            self._watch(resource, initial="sendInitialEvents" in query)
        else:
            version, kind, items = _RESOURCES[resource]
            metadata = {"resourceVersion": "1"}
            self._answer({"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": items})

    def _watch(self, resource: str, *, initial: bool) -> None:
        version, kind, items = _RESOURCES[resource]
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        if initial:
            end = {"resourceVersion": "1", "annotations": {"k8s.io/initial-events-end": "true"}}
            for type_, item in [*(("ADDED", item) for item in items), ("BOOKMARK", {"metadata": end})]:
                event = {"type": type_, "object": {"kind": kind, "apiVersion": version, **item}}
                self.wfile.write(json.dumps(event).encode() + b"\n")
        self.wfile.flush()
        self.connection.recv(1)  # until the other side goes away

    def _answer(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""


def _about_the_api(path: str) -> dict[str, Any]:
    if path == "/version":
        return {"major": "1", "minor": "35", "gitVersion": "v1.35.0"}
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": path.removeprefix("/apis/").removeprefix("/api/"),
        "resources": _DISCOVERY if "discovery" in path else [],
    }
