"""What Pulumi's state of this stack has before the run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi

from components.cluster.errors import ClusterError

PROGRAM = "pulumi"
"""What is looked for on PATH."""

_NO_ORGANIZATION = "organization"
"""What Pulumi calls it where the backend knows of none."""

_PATIENCE = 30.0
"""After how many seconds an export that has not ended is given up, and the engine asked."""

_WRITTEN = 3.0
"""After how many seconds a state that cannot be read is not one that the engine is just writing."""


class StackState:
    """Begins to read the state, beside what the program does meanwhile.

    The engine hands over each value of the state one by one, and logs each: for 1,000 Applications 1.45 s,
    where `pulumi stack export` needs 0.45 s. It shows no secret either. Where there is no such program on
    PATH, or another than the engine that cannot read its state, the engine is asked all the same.
    """

    def __init__(self) -> None:
        stack, organization = pulumi.get_stack(), pulumi.get_organization()
        of_nobody = organization == _NO_ORGANIZATION
        self._name = stack if of_nobody else f"{organization}/{pulumi.get_project()}/{stack}"
        beside = ThreadPoolExecutor(1)
        self._exported = beside.submit(exported, self._name)
        beside.shutdown(wait=False)

    def resources(self) -> Mapping[str, Any]:
        """Return URN → `type` and `outputs` of each resource, once they are read.

        Raises:
            ClusterError: the state cannot be read.
        """
        found = self._exported.result()
        return self._asked() if found is None else found

    def _asked(self) -> Mapping[str, Any]:
        """Return the same from the engine. Secrets are in clear in it."""
        end = time.monotonic() + _WRITTEN
        asked = {"stackName": self._name}
        while True:
            try:
                outputs = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", asked)
            except Exception as error:  # noqa: BLE001 - the SDK raises no narrower one
                if time.monotonic() > end:
                    raise ClusterError(
                        f"Pulumi's state of the stack {self._name} cannot be read: {error}",
                        "without it nobody knows what this stack has made, and what somebody else",
                        f"`pulumi stack export --stack {self._name}` has to work on this machine first",
                    ) from None
                time.sleep(0.2)
            else:
                found: Mapping[str, Any] = outputs.value["outputs"]
                return found


def exported(stack: str) -> Mapping[str, Any] | None:
    """Return URN → `type` and `outputs` from an export of a stack, which decrypts nothing; None if it fails.

    Args:
        stack: the stack's name, with its organization where it has one.
    """
    pulumi_program = shutil.which(PROGRAM)
    if not pulumi_program:
        return None
    command = [pulumi_program, "stack", "export", "--stack", stack, "--non-interactive"]
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        resources = json.loads(done.stdout)["deployment"].get("resources") or []
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None
    about = ("type", "outputs")
    return {
        resource["urn"]: {key: resource.get(key) or {} for key in about}
        for resource in resources
        if not resource.get("delete")
    }
