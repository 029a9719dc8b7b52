"""Add server blocks to a Corefile, and take them out again, without touching any other byte.

A block is written as one chunk: a line break, a comment line, the block, a line break. The first line
break ends a last line that had none, or is the empty line before the comment; either way, cutting
the chunk gives back the text as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from components.dns.corefile.collector import uncollected
from components.dns.corefile.errors import CorefileError
from components.dns.corefile.keys import ZoneKey, zone_keys
from components.dns.corefile.lexer import lex
from components.dns.corefile.parser import Corefile, ServerBlock, parse

MARKER = "protobox-cd"
"""How the comment above each of our blocks begins. It is a hint for people and for us: kubeadm's
Corefile migration drops comments (kubernetes/kubernetes#96833)."""

_PLAIN = re.compile(r'[^\s"#{}][^\s#]*')
_INDENT = "    "


def is_marked(block: ServerBlock) -> bool:
    """Tell whether the comment above a parsed `block` says that this program wrote it."""
    return block.comment.startswith(MARKER)


def render(block: ServerBlock, newline: str = "\n") -> str:
    """Return `block` as text, comment line included, without a final line break.

    Raises:
        ValueError: a word cannot be written in a Corefile, such as a lone brace.
    """
    lines = [f"# {block.comment}"] if block.comment else []
    lines.append(f"{' '.join(map(_word, block.keys))} {{")
    for directive in block.directives:
        lines.append(_INDENT + " ".join(map(_word, (directive.name, *directive.args))))
        if directive.body:
            lines[-1] += " {"
            lines += [_INDENT * 2 + " ".join(map(_word, line)) for line in directive.body]
            lines.append(_INDENT + "}")
    return newline.join([*lines, "}"])


@uncollected
def splice(text: str, blocks: Sequence[ServerBlock]) -> str:
    """Return `text` with `blocks` among its server blocks; every other byte is unchanged.

    A block that is there already stays where it is; one with our marker but other content is replaced
    in its place; a new one is appended.

    Raises:
        CorefileError: the text does not parse, is brace-less, or somebody else's block answers for
            one of the zones already.
    """
    before = parse(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    replaced: list[tuple[int, int, str]] = []
    appended: list[str] = []
    for block in blocks:
        standing = _standing(before, block)
        if standing is None:
            appended.append(f"{newline}{render(block, newline)}{newline}")
        elif standing != block:
            replaced.append((_start_of(text, standing), standing.end, render(block, newline)))
    for start, end, new in sorted(replaced, reverse=True):
        text = text[:start] + new + text[end:]
    text += "".join(appended)
    _require_only(before, text, blocks)
    return text


@uncollected
def cut(text: str, zones: Iterable[str]) -> str:
    """Return `text` without the server blocks whose one key is one of `zones` (`protobox:53`).

    A zone without such a block is passed over: somebody has already taken it out.

    Raises:
        CorefileError: the text does not parse, before or after the cut, or several blocks answer for
            a zone and none of them bears our comment.
    """
    before = parse(text)
    gone = {block.start: block for key in zones for block in _to_cut(before, zone_keys(key))}
    for start in sorted(gone, reverse=True):
        first, last = _chunk(text, gone[start])
        text = text[:first] + text[last:]
    after = parse(text).server_blocks
    if after != tuple(block for block in before.server_blocks if block.start not in gone):
        raise CorefileError("cutting the block would change another one")
    return text


def _to_cut(corefile: Corefile, keys: tuple[ZoneKey, ...]) -> list[ServerBlock]:
    """Return the blocks for `keys` and nothing else; where several bind apart, those with our comment."""
    found = [b for b in corefile.serving(keys[0]) if len(b.keys) == 1 and b.zone_keys == keys]
    if len(found) == 1:
        return found
    marked = [block for block in found if is_marked(block)]
    if found and not marked:
        raise CorefileError(
            f"several server blocks answer for {keys[0]} on different addresses, and no comment says "
            "which one is ours",
            corefile.text,
            found[0].start,
        )
    return marked


def _standing(corefile: Corefile, block: ServerBlock) -> ServerBlock | None:
    """Return the block that `block` takes the place of, if there is one and it is ours."""
    for key in block.zone_keys:
        for standing in corefile.serving(key):
            if standing.zone_keys[0] == key and _apart(standing.bind, block.bind):
                continue
            if standing == block or (standing.comment == block.comment and standing.keys == block.keys):
                return standing
            raise CorefileError(
                f"a server block of somebody else answers for {key}", corefile.text, standing.start
            )
    return None


def _apart(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    return bool(first and second) and not set(first) & set(second)


def _require_only(before: Corefile, text: str, blocks: Sequence[ServerBlock]) -> None:
    """Parse the new text again: `blocks` must be in it, and nothing else may have changed."""
    ours = {key for block in blocks for key in block.zone_keys}

    def others(corefile: Corefile) -> list[tuple[ServerBlock, str]]:
        return [(b, b.comment) for b in corefile.server_blocks if ours.isdisjoint(b.zone_keys)]

    after = parse(text)
    if others(after) != others(before) or after.imports != before.imports:
        raise CorefileError("the edit would change a server block of somebody else")
    if any(block not in after.serving(key) for block in blocks for key in block.zone_keys):
        raise CorefileError("a spliced block cannot be read back as it was meant")


def _chunk(text: str, block: ServerBlock) -> tuple[int, int]:
    """Return the span to cut for `block`: what `splice` wrote, or just the block if others moved it."""
    start = _start_of(text, block)
    newline = next((n for n in ("\r\n", "\n") if text.startswith(n, block.end)), "")
    end = block.end + len(newline)
    lead = start - len(newline)
    if start == block.start or not newline or text[max(lead, 0) : start] != newline:
        return start, end
    rest_stands_alone = end == len(text) or text.startswith(newline, end)
    if lead <= 0 or text.endswith(newline, 0, lead) or rest_stands_alone:
        return max(lead, 0), end
    return start, end


def _start_of(text: str, block: ServerBlock) -> int:
    """Return where `block` begins, its marker line included."""
    if not is_marked(block):
        return block.start
    line_start = text.rfind("\n", 0, block.start) + 1
    return text.rfind("\n", 0, line_start - 1) + 1


def _word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    quoted = '"' + word.replace('"', '\\"') + '"'
    if word in {"{", "}"} or lex(quoted).words != [word]:
        raise ValueError(f"{word!r} cannot be written in a Corefile")
    return quoted
