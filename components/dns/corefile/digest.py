"""The digest by which a running CoreDNS names the Corefile that it has loaded.

`Running configuration SHA512 = …` is of the tokens, as Go writes them in JSON: a comment behind the last
word changes nothing, and a text with the same digest is not loaded again (coredns plugin/reload).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from components.dns.corefile.keys import depends_on_environment
from components.dns.corefile.lexer import Token, tokens

_Listed = dict[str, Any]
# What Go's encoding/json escapes beyond JSON's own needs.
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


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
