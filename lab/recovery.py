"""What a `make up` that was killed has left behind, and the next one cannot work on: taken away.

The lab is one user's, and nobody else works on it when this is called. On any other cluster `pulumi up` and
the preflight say what to do.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from components.live import OF_HELM, RELEASE, last_records
from components.releases import cure
from lab.control_plane import CONTEXT
from lab.engine import Engine, stack_environment
from lab.errors import LabError
from lab.lab import Lab
from lab.report import RELEASE as RELEASE_TYPE

_NAMESPACE = "argocd"


def mend(lab: Lab, engine: Engine, project: Path, say: Callable[[str], object]) -> None:
    """Make Pulumi's state and Helm's records such that `pulumi up` can go on; say what was done.

    Args:
        lab: the lab; it must be running.
        engine: the engine, with its stack.
        project: the folder of `Pulumi.yaml`.
        say: takes sentences.

    Raises:
        LabError: a command failed.
    """
    if count := engine.clear_pending_creates():
        say(
            f"An `up` was killed while it made {count} object{'s' * (count != 1)}; what of it is there, this "
            "one takes over."
        )
    environment = stack_environment(lab)
    records = ["kubectl", "get", "secrets", "-n", _NAMESPACE, "-l", OF_HELM, "--output", "json"]
    found = last_records(json.loads(_run(records, project, environment))).get(RELEASE)
    urn = next((one["urn"] for one in engine.resources() if one["type"] == RELEASE_TYPE), "")
    if command := cure(found, urn, CONTEXT, _NAMESPACE):
        state = found.status if found else "gone"
        say(f"Helm was killed in the middle of its work; the release is {state}: {command}")
        _run(["bash", "-c", command], project, environment)


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout
