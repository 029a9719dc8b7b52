"""What CoreDNS's log says about a new Corefile: loaded, or refused and why.

The lines are those of 1.7 to 1.15: coredns plugin/reload/reload.go, coremain/run.go, coredns/caddy caddy.go
and caddyfile/dispenser.go. A reload prints `Running configuration … = <digest>` first, then `Reloading
complete`. The digest is of the tokens, as Go writes them in JSON: a comment behind the last word changes
nothing, and a text with the same digest is not loaded again (coredns plugin/reload).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import Any

from components.dns.corefile.keys import depends_on_environment
from components.dns.corefile.lexer import Token, tokens

_RUNNING = re.compile(r"(?:^|: )Running configuration \w+ = ([0-9a-f]+)")
_BEGUN, _LOADED = "[INFO] Reloading", "[INFO] Reloading complete"
_REFUSED = re.compile(
    r"\[ERROR\] Restart failed: (.+)"
    r"|\[PANIC\] Restart: (.+)"
    r"|(?:^|plugin/reload: )Corefile parse failed: (.+)"
    r"|(?:^|plugin/reload: )Corefile changed but reload failed: (?:starting with listener [a-z ]+: )?(.+)"
    # A new process that refuses its Corefile prints the reason alone, and ends.
    r"|^(\S+:\d+ - Error during parsing: .+|cannot serve .+|plugin/\w+: .+)"
)

_Listed = dict[str, Any]
# What Go's encoding/json escapes beyond JSON's own needs.
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


class PodLog:
    """One pod's log since the write, read line by line.

    It knows the digests of the text that was there before, none where nobody can tell, and of the new one.
    """

    def __init__(self, before: Collection[str], after: Collection[str]) -> None:
        self._before = before
        self._after = after
        self._runs_another = False
        self._knows_digests = False
        self.loaded = False
        self.reloads = False
        """Whether it has begun to load a text, and has not ended."""
        self.refusal = ""
        """CoreDNS's own words, once it has refused a text and has loaded none since."""

    def read(self, line: str) -> None:
        """Take the next line into account; a line may come twice."""
        message = _message(line)
        if message.endswith(_BEGUN):
            self.reloads = True
        elif found := _RUNNING.search(message):
            self._runs(found[1])
        elif message.endswith(_LOADED):
            self.reloads, self.refusal = False, ""
            self.loaded = self.loaded or not self._runs_another
        elif refused := _REFUSED.search(message):
            self.refusal = self.refusal or next(filter(None, refused.groups())).strip()

    def _runs(self, digest: str) -> None:
        self.refusal = ""
        if digest in self._after:
            self.loaded = True
        # An earlier text may be loaded only now. Digests are never those of a text that something rewrites on
        # its way into the pod, as the Kubernetes project's node-cache does: there the order has to do.
        self._knows_digests = self._knows_digests or digest in {*self._before, *self._after}
        self._runs_another = self._knows_digests and digest not in self._after


def running(line: str) -> str:
    """Return the digest of the text that CoreDNS runs from now on, if a line of its log says that."""
    found = _RUNNING.search(_message(line))
    return found[1] if found else ""


def _message(line: str) -> str:
    """Return the message of a line, which `-log-format json` wraps."""
    if line.startswith("{"):
        try:
            return str(json.loads(line)["msg"])
        except (ValueError, KeyError, TypeError):
            return line
    return line.rstrip()


def digests(text: str) -> frozenset[str]:
    """Return the digests under which CoreDNS may name `text`: SHA512, and MD5 as up to 1.9.0.

    Returns:
        None at all for a text that does not say everything itself (imports, snippets, environment).

    Raises:
        CorefileError: a quote is never closed.
    """
    found = tokens(text)
    if any(_says_less_than_all(token) for token in found):
        return frozenset()
    content = json.dumps(
        _server_blocks(found) or None, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    written = content.translate(_ESCAPED).encode()
    return frozenset({hashlib.sha512(written).hexdigest(), hashlib.md5(written).hexdigest()})  # noqa: S324 - CoreDNS's choice


def _says_less_than_all(token: Token) -> bool:
    is_import = token.text == "import" or (token.first and token.text.startswith("("))
    return is_import or depends_on_environment(token.text)


def _server_blocks(found: list[Token]) -> list[_Listed]:
    """Group tokens as `caddyfile.Parse` does; of a text that it refuses, in any way."""
    blocks: list[_Listed] = []
    position = 0
    while position < len(found):
        keys: list[str] = []
        while position < len(found) and found[position].text != "{":
            keys.append(found[position].text.removesuffix(","))
            position += 1
        directives, position = _directives(found, position + 1)
        if keys := [key for key in keys if key]:
            blocks.append({"Keys": keys, "Tokens": directives})
    return blocks


def _directives(found: list[Token], position: int) -> tuple[dict[str, list[_Listed]], int]:
    """Return the tokens of each directive up to the block's last brace, and the place behind that."""
    directives: dict[str, list[_Listed]] = {}
    depth, name = 0, ""
    for token in found[position:]:
        position += 1
        if token.text == "{":
            depth += 1
        elif token.first and not depth:
            if token.text == "}":
                break
            name = token.text
        elif token.text == "}":
            depth -= 1
        directives.setdefault(name, []).append({"File": "", "Line": token.line, "Text": token.text})
    return directives, position
