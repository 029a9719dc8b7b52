"""What the cluster does not have, allow or answer, as a sentence for the user."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from components.stackfile.problems import tell


class ClusterError(Exception):
    """The cluster cannot be reached, or does not allow or have what is asked; told for the user."""

    def __init__(self, what: str, why: str, fix: str, *, forbidden: bool = False) -> None:
        self.what, self.why, self.fix = what, why, fix
        self.forbidden = forbidden
        super().__init__(tell(what, why, fix).strip())


class MissingError(ClusterError):
    """The stack file names something that is not there. No other ClusterError is the stack file's fault."""


@contextmanager
def sentences() -> Iterator[None]:
    """Let a ClusterError reach the user as its sentence, inside a dynamic provider.

    The plugin of the Python SDK answers an exception with `traceback.format_exc()`; without frames
    that is the exception's own text.
    """
    vars(sys).pop("tracebacklimit", None)  # an earlier error's; a mistake of our own shall show its frames
    try:
        yield
    except ClusterError:
        sys.tracebacklimit = 0
        raise
