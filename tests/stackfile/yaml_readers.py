"""kubectl and Helm as readers of YAML, to compare with."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.programs import find_optional

_CHART = {
    "Chart.yaml": "{apiVersion: v2, name: a, version: 0.0.0}",
    "templates/values.yaml": "apiVersion: v1\nkind: A\nread: {{ .Values.read | toJson }}\n",
}


def kubectl() -> str | None:
    """Return the path of kubectl, None where there is none."""
    return shutil.which("kubectl")


def helm() -> str | None:
    """Return the path of Helm: this machine's, or the lab's; None where there is none."""
    built = find_optional("helm")
    return shutil.which("helm") or (str(built) if built else None)


def by_kubectl(scalars: Sequence[str]) -> list[Any]:
    """Return what kubectl reads where `scalars` stand as values; it asks no cluster for that."""
    text = "apiVersion: a.b/v1\nkind: A\nmetadata: {name: a}\nread:\n" + _listed(scalars)
    command = ["kubectl", "patch", "--local", "--type", "merge", "--patch", "{}", "-f", "-", "-o", "json"]
    printed = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    values: list[Any] = json.loads(printed)["read"]
    return values


def by_helm(scalars: Sequence[str], folder: Path) -> list[Any]:
    """Return what Helm reads where `scalars` stand as values of a chart."""
    for name, content in {**_CHART, "values.yaml": "read:\n" + _listed(scalars)}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    command = [str(helm()), "template", "a", str(folder)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    values: list[Any] = json.loads(printed.partition("\nread: ")[2].splitlines()[0])
    return values


def _listed(scalars: Sequence[str]) -> str:
    return "".join(f"- {scalar}\n" for scalar in scalars)
