"""What Pulumi's SDK is told: warnings, and what spares it work before many resources are declared.

The latter was measured with a preview of 1,000 Applications that changes nothing, which takes a bare program
9 s.
"""

from __future__ import annotations

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.sync_await import _sync_await  # there is no public way to wait, but for an `invoke`

from components.stackfile.printable import printable


def prepare() -> None:
    """Spare each resource what it need not do again; nothing else changes."""
    # The SDK says three times per resource what it is doing, waits each time until the engine has it, and
    # only `--debug` shows it: 2 s.
    pulumi.log.debug = _say_nothing
    # Resources that are declared before the stack's own URN is known all wait for it side by side, and the
    # SDK looks through all that wait for each that goes on: 1.5 s of its processor time.
    if root := get_root_resource():
        _sync_await(root.urn.future())


def _say_nothing(*_about: object, **_options: object) -> None:
    """Take what `pulumi.log.debug` takes."""


def warn(*warnings: str) -> None:
    """Let the engine show warnings; an empty one is none, and what others have written in them is text."""
    for warning in filter(None, warnings):
        pulumi.log.warn(printable(warning))
