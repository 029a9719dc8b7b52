"""Add server blocks to a Corefile, and take them out again, without touching any other byte.

A block is written as one chunk: a line break, a comment line, the block, a line break. The first line
break ends a last line that had none, or is the empty line before the comment; either way, cutting
the chunk gives back the text as it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from components.dns.corefile.lexer import CorefileError, words
from components.dns.corefile.parser import parse
from components.dns.corefile.structure import Corefile, ServerBlock, refuse_overlaps

MARKER = "protobox-cd"
"""How the comment above each of our blocks begins. It is a hint for people and for us: kubeadm's
Corefile migration drops comments (kubernetes/kubernetes#96833)."""

_PLAIN = re.compile(r'[^\s"#{}][^\s#]*')
_INDENT = "    "


def is_marked(block: ServerBlock, stack: str = "") -> bool:
    """Tell whether the comment directly above a parsed `block` is that of this program, and of `stack`."""
    return block.comment.startswith(f"{MARKER}, stack {stack}:" if stack else MARKER)


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


def splice(text: str, blocks: Sequence[ServerBlock], replacing: Collection[ServerBlock] = ()) -> str:
    """Return `text` with `blocks` among its server blocks; every other byte is unchanged.

    A block takes the place of the one in `replacing` that has its first zone, and is appended where there
    is none; one that is equal already stays as it is.

    Those in `replacing` are ours, as they were parsed from `text`: what no block replaces is cut.

    Raises:
        CorefileError: the text does not parse, before or after the edit, or a block of somebody else
            answers for one of the zones already.
    """
    before = parse(text, overlaps=bool(replacing))
    replaced = {block.start for block in replacing}
    refuse_overlaps(
        text, [*blocks, *(block for block in before.server_blocks if block.start not in replaced)]
    )
    newline = "\r\n" if "\r\n" in text else "\n"
    new = {block.zone_keys[0].zone: block for block in blocks}
    for standing in sorted(replacing, key=lambda block: block.start, reverse=True):
        wanted = new.pop(standing.zone_keys[0].zone, None)
        if wanted is None:
            first, last = _chunk(text, _start_of(text, standing), standing.end)
            text = text[:first] + text[last:]
        elif wanted != standing:
            text = text[: _start_of(text, standing)] + render(wanted, newline) + text[standing.end :]
    text += "".join(f"{newline}{render(block, newline)}{newline}" for block in new.values())
    _require_only(before, text, blocks, replaced)
    return text


def cut(text: str, blocks: Collection[ServerBlock]) -> str:
    """Return `text` without `blocks`, which were parsed from it; every other byte is unchanged.

    Raises:
        CorefileError: the text does not parse, before or after the cut.
    """
    return splice(text, (), blocks)


def cut_markers(text: str, stack: str, kept: Collection[ServerBlock]) -> str:
    """Return `text` without our comment lines that stand above none of the blocks in `kept`.

    Raises:
        CorefileError: a quote in the text is never closed.
    """
    comment = re.compile(rf"^[ \t]*#[ \t]*{re.escape(f'{MARKER}, stack {stack}:')}[^\n]*", re.MULTILINE)
    needed = {_start_of(text, block) for block in kept}
    for found in reversed(list(comment.finditer(text))):
        if found.start() in needed:
            continue
        first, last = _chunk(text, found.start(), found.end() - found[0].endswith("\r"))
        without = text[:first] + text[last:]
        if words(without) == words(text):  # else it is part of a text in quotes
            text = without
    return text


def _require_only(
    before: Corefile, text: str, blocks: Sequence[ServerBlock], replaced: Collection[int]
) -> None:
    """Parse the new text again: `blocks` must be in it, and nothing else may have changed."""
    after = parse(text)
    remaining = list(after.server_blocks)
    for block in blocks:
        if block not in remaining:
            raise CorefileError("a spliced block cannot be read back as it was meant")
        del remaining[remaining.index(block)]
    others = [block for block in before.server_blocks if block.start not in replaced]
    if remaining != others or after.imports != before.imports:
        raise CorefileError("the edit would change a server block of somebody else")


def _chunk(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span to cut for what stands from `start` to `end`: what `splice` wrote around it, too.

    Where others have moved it, or its comment is gone, just the lines themselves.
    """
    newline = next((n for n in ("\r\n", "\n") if text.startswith(n, end)), "")
    last = end + len(newline)
    lead = start - len(newline)
    if not text.startswith("#", start) or not newline or text[max(lead, 0) : start] != newline:
        return start, last
    rest_stands_alone = last == len(text) or text.startswith(newline, last)
    if lead <= 0 or text.endswith(newline, 0, lead) or rest_stands_alone:
        return max(lead, 0), last
    return start, last


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
    if word in {"{", "}"} or words(quoted) != [word]:
        raise ValueError(f"{word!r} cannot be written in a Corefile")
    return quoted
