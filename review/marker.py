"""The frame of a text that we keep up to date on GitLab: a marker above, a line to write below.

What a person writes above the marker or below the last line of ours stays. What a person changes between them
is overwritten by the next pipeline, and GitLab keeps no older version of a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

END = "<!-- protobox-cd: write below this line, it stays -->"

_MARKER = re.compile(
    r"^<!-- protobox-cd:(?P<kind>[a-z]+) stack=(?P<stack>\S+) pipeline=(?P<pipeline>[0-9]{1,18}) -->"
    r"[ \t\r]*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Marker:
    """Whose text it is.

    Attributes:
        kind: what it is about: `preview` or `drift`.
        stack: the stack's name.
        pipeline: the id of the pipeline that wrote it; GitLab counts them upwards over all projects.
    """

    kind: str
    stack: str
    pipeline: int

    def __str__(self) -> str:
        stack = quote(self.stack, safe="/")
        return f"<!-- protobox-cd:{self.kind} stack={stack} pipeline={self.pipeline} -->"

    def is_about(self, other: Marker) -> bool:
        """Whether both are of the same kind and stack."""
        return (self.kind, self.stack) == (other.kind, other.stack)


def read_marker(text: str) -> Marker | None:
    """Return the first marker that has a line of its own; None where there is none, as in a quotation."""
    found = _MARKER.search(text)
    return Marker(found["kind"], unquote(found["stack"]), int(found["pipeline"])) if found else None


def framed(marker: Marker, body: str, below: str = "", above: str = "") -> str:
    """Return `body` between the marker and the last line of ours, and a person's text around that."""
    body = body.replace(END, END.replace("<!--", "<! --")).strip()
    return f"{above}{marker}\n{body}\n\n{END}{below}"


def above(text: str) -> str:
    """Return what a person has written above the marker, whole lines."""
    return _parts(text)[0]


def inside(text: str) -> str:
    """Return the part of a framed text that is ours, without marker and last line."""
    return _parts(text)[1].strip()


def below(text: str) -> str:
    """Return what a person has written below the last line of ours."""
    return _parts(text)[2]


def _parts(text: str) -> tuple[str, str, str]:
    found = _MARKER.search(text)
    start, end = found.span() if found else (0, 0)
    ours, _, person = text[end:].partition(END)
    return text[:start], ours, person
