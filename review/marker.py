"""The frame of a text that we keep up to date on GitLab: a marker above, a line to write below.

What a person writes below the last line of ours stays. What a person changes above it is overwritten by the
next pipeline, and GitLab keeps no older version of a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

END = "<!-- protobox-cd: write below this line, it stays -->"

_MARKER = re.compile(
    r"<!-- protobox-cd:(?P<kind>[a-z]+) stack=(?P<stack>\S+) pipeline=(?P<pipeline>[0-9]{1,18}) -->"
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
    """Return the marker on the first line; None where it is elsewhere, as in a quotation, or not at all."""
    found = _MARKER.fullmatch(text.partition("\n")[0].rstrip())
    return Marker(found["kind"], unquote(found["stack"]), int(found["pipeline"])) if found else None


def framed(marker: Marker, body: str, below: str = "") -> str:
    """Return `body` between the marker and the last line of ours, and a person's text below that."""
    body = body.replace(END, END.replace("<!--", "<! --")).strip()
    return f"{marker}\n{body}\n\n{END}{below}"


def inside(text: str) -> str:
    """Return the part of a framed text that is ours, without marker and last line."""
    return text.partition(END)[0].partition("\n")[2].strip()


def below(text: str) -> str:
    """Return what a person has written below the last line of ours."""
    return text.partition(END)[2]
