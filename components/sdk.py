"""What Pulumi's SDK is told and asked: warnings, what spares it work, and the state of before the run.

What is spared was measured with a preview of 1,000 Applications that changes nothing, which takes a bare
program 9 s.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.sync_await import _sync_await  # there is no public way to wait, but for an `invoke`

from components.cluster import pulumi_command
from components.cluster.errors import ClusterError
from components.cluster.pulumi_command import PulumiError, resources_in
from components.stackfile.printable import printable

MANY = 150
"""From how many objects on the export is the faster way."""

_NO_ORGANIZATION = "organization"
"""What Pulumi calls it where the backend knows of none."""

_PATIENCE = 30.0
"""After how many seconds an export that has not ended is given up, and the engine asked."""

_WRITTEN = 3.0
"""After how many seconds a state that cannot be read is not one that the engine is just writing."""


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


def resources_before(objects: int) -> Mapping[str, Any]:
    """Return URN → `type` and `outputs` of each resource in the state.

    The engine hands over each value of the state one by one, and logs each: for 1,000 Applications 1.45 s,
    where `pulumi stack export` needs 0.45 s, and shows no secret either. For a few `objects`, of which the
    state has about as many as the stack declares, the start of that program takes longer. Where there is none
    on PATH, or another than the engine that cannot read its state, the engine is asked all the same.

    Raises:
        ClusterError: the state cannot be read.
    """
    stack, organization = pulumi.get_stack(), pulumi.get_organization()
    of_nobody = organization == _NO_ORGANIZATION
    name = stack if of_nobody else f"{organization}/{pulumi.get_project()}/{stack}"
    found = exported(name) if objects > MANY else None
    return _asked(name) if found is None else found


def _asked(stack: str) -> Mapping[str, Any]:
    """Return the same from the engine. Secrets are in clear in it."""
    end = time.monotonic() + _WRITTEN
    while True:
        try:
            outputs = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack})
        except Exception as error:  # noqa: BLE001 - the SDK raises no narrower one
            if time.monotonic() > end:
                raise ClusterError(
                    f"Pulumi's state of the stack {stack} cannot be read: {error}",
                    "without it nobody knows what this stack has made, and what somebody else",
                    f"`pulumi stack export --stack {stack}` has to work on this machine first",
                ) from None
            time.sleep(0.2)
        else:
            found: Mapping[str, Any] = outputs.value["outputs"]
            return found


def exported(stack: str) -> Mapping[str, Any] | None:
    """Return URN → `type` and `outputs` from an export of a stack, which decrypts nothing; None if it fails.

    Its name has the organization in front, where there is one.
    """
    try:
        state = pulumi_command.exported(stack, _PATIENCE)
    except (PulumiError, ValueError):
        return None
    if "deployment" not in state:
        return None
    return {
        resource["urn"]: {key: resource.get(key) or {} for key in ("type", "outputs")}
        for resource in resources_in(state)
        if not resource.get("delete")
    }
