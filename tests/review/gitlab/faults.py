"""What the stand-in is told to do otherwise than a healthy GitLab."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Fault:
    """What happens to the next requests that match.

    Attributes:
        method: `GET`, `POST`, `PUT`, `DELETE`, or "" for any.
        path: a pattern that is searched in the path below `/api/v4`.
        times: to how many requests it happens.
        status: the answer's status; 0 answers as usual.
        body: the answer's text.
        headers: further headers of the answer.
        is_done: whether the request is carried out before this answer is given, as behind a slow proxy.
        drops: whether the connection is closed without an answer.
        before: called before the request is carried out; may use the server.
        seconds: how long the answer takes.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    status: int = 0
    body: str = '{"message": "500 Internal Server Error"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    is_done: bool = False
    drops: bool = False
    before: Callable[[], object] = lambda: None
    seconds: float = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether it happens to this request, which is then counted."""
        if not self.times or self.method not in ("", method) or not re.search(self.path, path):
            return False
        self.times -= 1
        return True
