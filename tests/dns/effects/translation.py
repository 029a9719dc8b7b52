"""What CoreDNS loads here in place of a text: the same structure, zones, ports, addresses and order.

`kubernetes` is the real plugin, on a small API server of ours. Left out is what opens ports of its own,
looks at the clock, or only writes. `etcd`, which has no database here, is played by `template`.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.dns.corefile import CorefileError
from components.dns.corefile.lexer import Token, tokens

API_PORT = 7080
ETCD_MARK = "198.18.4.1"

_LEFT_OUT = frozenset({"health", "ready", "prometheus", "reload", "pprof", "log", "debug", "trace", "dnstap"})
_ENDPOINT = f"endpoint http://127.0.0.1:{API_PORT}"
_BEFORE_ETCD = f"""template IN A %s {{
  answer "{{{{ .Name }}}} 60 IN A {ETCD_MARK}"
}}
template ANY ANY %s {{
  rcode NXDOMAIN%s
}}"""


def translated(text: str, *, directives: bool = False) -> str:
    """Return `text` as it is loaded here; unchanged if it does not even have words.

    Args:
        text: a Corefile, or a file that one imports.
        directives: the file is imported inside a server block.
    """
    try:
        words = tokens(text)
    except CorefileError:
        return text
    new, position = "", 0
    for start, end, replacement in _edits(words, inside=directives):
        new += text[position:start] + replacement
        position = end
    return new + text[position:]


def _edits(words: list[Token], *, inside: bool) -> Iterator[tuple[int, int, str]]:
    """Yield span and replacement of each directive that is replaced, in order."""
    base = 0 if inside else 1
    depth, position = 0, 0
    while position < len(words):
        word = words[position]
        if depth == base and word.first and word.text not in {"{", "}"}:
            after = _end(words, position)
            yield from _edit(words[position:after])
            position = after
            continue
        depth += {"{": 1, "}": -1}.get(word.text, 0)
        position += 1


def _end(words: list[Token], start: int) -> int:
    """Return where the directive at `start` ends: at the next line, or after its closing brace."""
    depth = 0
    for position in range(start + 1, len(words)):
        word = words[position]
        if not depth and (word.first or word.text == "}"):
            return position
        depth += {"{": 1, "}": -1}.get(word.text, 0)
    return len(words)


def _edit(words: list[Token]) -> Iterator[tuple[int, int, str]]:
    name = words[0].text
    opening = next((word for word in words if word.text == "{"), None)
    args = [word for word in words[1:] if not word.first and (opening is None or word.start < opening.start)]
    if name in _LEFT_OUT:
        yield words[0].start, words[-1].end, ""
    elif name == "kubernetes" and opening:
        yield opening.end, opening.end, f"\n{_ENDPOINT}\n"
    elif name == "kubernetes":
        end = words[-1].end
        yield end, end, f" {{\n{_ENDPOINT}\n}}\n"
    elif name == "etcd":
        zones = " ".join(word.text for word in args)
        fallthrough = "\n  fallthrough" if any(word.text == "fallthrough" for word in words) else ""
        yield words[0].start, words[-1].end, _BEFORE_ETCD % (zones, zones, fallthrough)
