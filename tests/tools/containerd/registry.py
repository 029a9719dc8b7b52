"""A registry with one image, over plain HTTP: just enough of the OCI distribution API for a pull."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import tarfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

IMAGE, TAG = "docserver", "1"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_BYTES = "application/octet-stream"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def serve(address: str, port: int) -> ThreadingHTTPServer:
    """Start the registry in a thread, and return it."""
    server = ThreadingHTTPServer((address, port), _handler(_content()))
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def _content() -> dict[str, tuple[str, bytes]]:
    """Return path → media type and bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("hello"), io.BytesIO())
    layer = gzip.compress(packed.getvalue())
    machine = _ARCHITECTURES.get(platform.machine(), platform.machine())
    root = {"type": "layers", "diff_ids": [_digest(packed.getvalue())]}
    config = json.dumps({"architecture": machine, "os": "linux", "rootfs": root}).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _described(_CONFIG, config),
            "layers": [_described(_LAYER, layer)],
        }
    ).encode()
    found = {f"/v2/{IMAGE}/manifests/{name}": (_MANIFEST, manifest) for name in (TAG, _digest(manifest))}
    blobs = {
        f"/v2/{IMAGE}/blobs/{_digest(blob)}": ("application/octet-stream", blob) for blob in (config, layer)
    }
    return {**found, **blobs}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _described(kind: str, content: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": _digest(content), "size": len(content)}


def _handler(content: dict[str, tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = content.get(self.path.partition("?")[0], ("", b""))
            self.send_response(200 if kind else 404)
            if kind:
                self.send_header("Content-Type", kind)
            if "manifests" in self.path:
                self.send_header("Docker-Content-Digest", _digest(body))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - as the base class calls it

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler
