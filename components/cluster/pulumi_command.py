"""Pulumi's own command, and the state of a stack that it exports."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any


class PulumiError(Exception):
    """Pulumi has refused; its words are in it."""


def run_pulumi(*arguments: str, given: str = "", seconds: float | None = None) -> str:
    """Return what a command of Pulumi prints that reads `given` and ends within so many seconds.

    Raises:
        PulumiError: there is no Pulumi, or it has failed, or has not ended.
    """
    command = ["pulumi", *arguments, "--non-interactive"]
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError:
        raise PulumiError("pulumi is not on PATH") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PulumiError(str(error)) from None
    if done.returncode:
        raise PulumiError(f"{' '.join(command)} has failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def exported(stack: str, seconds: float | None = None) -> dict[str, Any]:
    """Return the state of a stack, as Pulumi exports it; nothing in it is decrypted.

    Raises:
        PulumiError: as `run_pulumi`.
    """
    state: dict[str, Any] = json.loads(run_pulumi("stack", "export", "--stack", stack, seconds=seconds))
    return state


def resources_in(state: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the resources of an exported state."""
    found: Sequence[Mapping[str, Any]] = (state.get("deployment") or {}).get("resources") or []
    return found
