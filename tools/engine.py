"""Pulumi as it is here: its command, the state of a stack, and the plugins that its SDK asks for."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PLUGINS = ("kubernetes", "command")


class PulumiError(Exception):
    """Pulumi has refused; its words are in it."""


def run_pulumi(*arguments: str, given: str = "") -> str:
    """Return what a command of Pulumi prints that reads `given`.

    Raises:
        PulumiError: there is no Pulumi, or it has failed.
    """
    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise PulumiError("pulumi is not on PATH") from None
    if done.returncode:
        raise PulumiError(f"{' '.join(command)} has failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def exported(stack: str) -> dict[str, Any]:
    """Return the state of a stack, as Pulumi exports it.

    Raises:
        PulumiError: as `run_pulumi`.
    """
    state: dict[str, Any] = json.loads(run_pulumi("stack", "export", "--stack", stack))
    return state


def resources_in(state: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the resources of an exported state."""
    found: Sequence[Mapping[str, Any]] = (state.get("deployment") or {}).get("resources") or []
    return found


def sdk_version(name: str) -> str:
    """Return the plugin version that the package `pulumi_<name>` names, so that it is written nowhere else.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    package = importlib.util.find_spec(f"pulumi_{name}")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            f"the Python package `pulumi_{name}` is missing: run `pip install -r requirements.txt`"
        )
    version: str = json.loads((Path(package.origin).parent / "pulumi-plugin.json").read_text())["version"]
    return version
