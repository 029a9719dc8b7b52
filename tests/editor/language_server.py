"""The language server of an editor, driven as an editor drives it: JSON-RPC over its standard streams."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from lab.programs.catalogue import cache_folder

PROGRAM = cache_folder() / "yaml-language-server/node_modules/yaml-language-server/bin/yaml-language-server"
_SECONDS = 30.0

Message = dict[str, Any]


def missing() -> str:
    """Return why the language server cannot run here; "" if it can."""
    if not shutil.which("node"):
        return "node is not installed: the schema is not tried in an editor's language server"
    return "" if PROGRAM.exists() else "yaml-language-server is not installed; `make language-server` does it"


class LanguageServer:
    """A language server with one folder open.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._next = 0
        self._diagnostics: dict[str, list[Message]] = {}
        self._process = subprocess.Popen(
            ["node", str(PROGRAM), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        folder = {"uri": self._root.as_uri(), "name": self._root.name}
        about = {"processId": None, "rootUri": folder["uri"], "workspaceFolders": [folder]}
        self.ask("initialize", {**about, "capabilities": {"workspace": {"configuration": True}}})
        self._send({"method": "initialized", "params": {}})
        return self

    def __exit__(self, *args: object) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, path: Path, text: str) -> list[Message]:
        """Open a document with `text`, saved or not, at `path`; return what is flagged in it."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        end = time.monotonic() + _SECONDS
        while uri not in self._diagnostics and time.monotonic() < end:
            self._handle(self._receive())
        return self._diagnostics.pop(uri)

    def at(self, method: str, path: Path, line: int, character: int) -> Any:
        """Return the answer to `textDocument/<method>` at a 0-based position."""
        place = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": path.as_uri()}, "position": place})

    def ask(self, method: str, params: Message) -> Any:
        """Return the answer to a request."""
        self._next += 1
        self._send({"id": self._next, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._next and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._handle(message)

    def _handle(self, message: Message) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "id" in message and "method" in message:  # a request of the server's own
            items = message.get("params", {}).get("items", []) if message.get("params") else []
            settings = {"yaml": {"validate": True, "completion": True, "hover": True}}
            answers = [settings.get(item.get("section"), {}) for item in items]
            self._send({"id": message["id"], "result": answers if items else None})

    def _send(self, message: Message) -> None:
        assert self._process.stdin
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self._process.stdin.flush()

    def _receive(self) -> Message:
        assert self._process.stdout
        length = 0
        while (line := self._process.stdout.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the language server has ended"
        message: Message = json.loads(self._process.stdout.read(length))
        return message
