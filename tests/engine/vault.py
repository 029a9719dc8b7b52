"""The part of Vault that keeps the key of a stack's secrets, played on loopback.

From a passphrase Pulumi works its key out anew at every run, with a million rounds: a quarter of a second of
the processor's time, out of 0.4. The stacks of most engine tests have their key from here instead, which is
Pulumi's other way on a private site. `make up`, `make demo` and the jobs for GitLab keep the passphrase.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROVIDER = "hashivault://stacks"
"""What `secretsprovider` is in a stack file."""
_SEALED = "vault:v1:"


class _Transit(BaseHTTPRequestHandler):
    """Answers as the transit engine does; it encrypts nothing."""

    def do_PUT(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "plaintext" in asked:
            data = {"ciphertext": f"{_SEALED}{asked['plaintext']}"}
        else:
            data = {"plaintext": asked["ciphertext"].removeprefix(_SEALED)}
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Print nothing."""


@contextmanager
def a_vault() -> Iterator[dict[str, str]]:
    """Serve it on loopback, and yield the variables with which Pulumi finds it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Transit) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"VAULT_ADDR": f"http://127.0.0.1:{server.server_port}", "VAULT_TOKEN": "lab"}
        server.shutdown()
