"""`python -m benchmarks`: measure what this program costs, and write the page of it (`make bench`)."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks import check, corefile, projects, start, sync
from benchmarks.page import RESULTS, targets, written
from lab.engine import stack_environment
from lab.errors import LabError
from lab.lab import Lab
from lab.local_stack import ROOT

DOCS, QUICK = ROOT / "docs", ROOT / ".cache" / "benchmarks"
SIZES, QUICK_SIZES = (1, 100, 1_000), (1, 100)
RUNS, QUICK_RUNS = 5, 2
STARTS = 9
_GIBIBYTE = 1024**3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the targets, and write results, page and pictures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure what this program costs.")
    parser.add_argument("--quick", action="store_true", help="few runs, no 1,000 projects, nothing in docs/")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing: make the page of docs/" + RESULTS
    )
    chosen = parser.parse_args(arguments)
    if chosen.page:
        results = json.loads((DOCS / RESULTS).read_text(encoding="utf-8"))
    else:
        results = measured(quick=chosen.quick)
    for row in targets(results):
        print("; ".join(row))
    for file in written(QUICK if chosen.quick else DOCS, results):
        print(file.relative_to(ROOT))
    return 0


def measured(*, quick: bool) -> dict[str, Any]:
    """Return all results.

    Args:
        quick: whether to do only what shows that it works.
    """
    runs, sizes = (QUICK_RUNS, QUICK_SIZES) if quick else (RUNS, SIZES)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    folder = Path(tempfile.mkdtemp(prefix="protobox-cd-bench-"))
    lab = Lab(folder / "lab")
    results: dict[str, Any] = {}
    try:
        say("start of the program")
        results["start"] = start.measured(QUICK_RUNS if quick else STARTS)
        say("make check")
        (folder / "check").mkdir()
        results["check"] = check.measured(folder / "check", sizes, runs)
        say("edit of a Corefile")
        results["corefile"] = corefile.measured(corefile.SIZES, runs)
        results["sync"] = _sync(runs, say)
        lab.start()
        about = {"runs": runs, "quick": quick, **_about(lab)}
        (folder / "contestants").mkdir()
        results["projects"] = projects.measured(lab, folder / "contestants", sizes, runs, say)
    finally:
        lab.stop()
        shutil.rmtree(folder)
    say("done")
    return {"about": about, **results}


def _sync(runs: int, say: Any) -> dict[str, list[float]] | None:
    """Return what the demo's site shows; None where there can be none."""
    try:
        return sync.measured(runs, say)
    except LabError as error:
        say(f"not measured from `up` to the first sync: {error}")
        return None


def _about(lab: Lab) -> dict[str, Any]:
    """Return where this was measured, and with what."""
    environment, programs = stack_environment(lab), lab.programs

    def printed(*command: str | Path) -> str:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    server = json.loads(printed(programs.kubectl, "version", "-o", "json"))["serverVersion"]
    return {
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "processors": os.cpu_count(),
        "memory": round(psutil.virtual_memory().total / _GIBIBYTE),
        "python": platform.python_version(),
        "pulumi": printed(programs.pulumi, "version"),
        "kubernetes": server["gitVersion"],
        "helm": printed(programs.helm, "version", "--short") if programs.helm else "not built",
    }


if __name__ == "__main__":
    sys.exit(main())
