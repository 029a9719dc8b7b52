"""What `make check` costs, by the number of projects in the stack file."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path

import yaml

from benchmarks.contestants import projects
from benchmarks.measuring import cost, in_turns
from lab.local_stack import ROOT


def measured(folder: Path, sizes: tuple[int, ...], runs: int) -> dict[str, list[float]]:
    """Return number of projects → seconds of each run.

    Args:
        folder: an empty folder.
        sizes: the numbers of projects.
        runs: how often each is checked.
    """
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    text = (ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8")
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(ROOT)}

    def check(number: int) -> float:
        content = yaml.safe_load(text)
        content["config"]["protobox-cd:argocd"] = {"chart": {"version": "10.1.1"}}
        content["config"]["protobox-cd:projects"] = {name: {} for name in projects(number)}
        (folder / "Pulumi.many.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return cost([sys.executable, "-m", "tools.check", "many"], folder, environment).seconds

    turns = {str(size): partial(check, size) for size in sizes}
    return {size: [round(one, 3) for one in found] for size, found in in_turns(turns, runs).items()}
