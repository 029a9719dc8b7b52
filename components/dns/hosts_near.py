"""Lines of a hosts file that almost have a name: what keeps the C library from finding it there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from components.settings.urls import is_ip

_ALIKE = 0.85


def near_misses(text: str, name: str) -> list[str]:
    """Return where a hosts file almost has `name`, which is in lower case, and what is wrong there."""
    found = [
        f"{said} in line {number}"
        for number, line in enumerate(text.splitlines(), 1)
        if (said := next(_of_line(line, name), ""))
    ]
    return found or [
        f"has {word} in line {number}, which is another name"
        for number, line in enumerate(text.splitlines(), 1)
        for word in re.findall(r"[-\w.]+", line.partition("#")[0])
        if _is_misspelt(word.lower(), name)
    ]


def _is_misspelt(word: str, name: str) -> bool:
    """Tell whether letters are missing, too many or swapped; another letter may be another machine."""
    is_near = difflib.SequenceMatcher(None, word, name).ratio() >= _ALIKE
    return is_near and word != name and (len(word) != len(name) or sorted(word) == sorted(name))


def _of_line(line: str, name: str) -> Iterator[str]:
    active, mark, comment = line.partition("#")
    words = active.split()
    if words and words[0].lower() == name:
        yield f"has the name in front of the address (write {_first_ip(words)} {name})"
    for word in words:
        bare = word.lower().strip(",;")
        host = re.sub(r"^[a-z]+://|[:/].*$", "", bare)
        if bare == name and word.lower() != name:
            yield f"has {word!r}, with a sign that does not belong there (write {name})"
        elif host == name and bare != name:
            yield f"has {word!r}, which is more than a name (write {name})"
    if mark and name in (word.lower() for word in comment.split()):
        yield "has it behind a #, as a comment (take the # away)"


def _first_ip(words: list[str]) -> str:
    return next((word for word in words if is_ip(word)), "192.168.1.7")
