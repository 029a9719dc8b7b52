"""The plugins that Pulumi's SDK asks for."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

PLUGINS = ("kubernetes", "command")


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
