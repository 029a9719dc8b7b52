"""What a preview by this program costs, against a bare Pulumi program that declares the same: `make bench`.

The real engine previews both in a lab of its own, in turn. This program reads the stack file and the cluster
and checks everything before it declares; the bare one declares what is written in it. Wall time and memory
are those of the engine with all its children (the program and the plugins), so that what both have in common
counts too, as it does for the person who waits. Processor time beside it changes less with what else the
machine does. Memory is the sum of resident sets, sampled.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml
from rich.console import Console
from rich.table import Table

from lab.engine import Engine, stack_environment
from lab.lab import Lab
from lab.local_stack import ROOT, LocalStack

RUNS = {1: 3, 100: 3, 1_000: 1}
"""Number of projects → how often each program is run; the best counts."""

TARGET = 1.10
_SAMPLE_SECONDS = 0.1
_MEBIBYTE = 1024 * 1024

_BARE = """\
from pulumi import ResourceOptions
from pulumi_kubernetes import Provider
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release

cluster = Provider("cluster", kubeconfig="", context="lab", cluster_identifier="lab")
namespace = Namespace("argocd", metadata={{"name": "argocd"}}, opts=ResourceOptions(provider=cluster))
argocd = Release(
    "argocd",
    name="argocd",
    namespace="argocd",
    chart="{chart}",
    reset_values=True,
    timeout=300,
    opts=ResourceOptions(provider=cluster, depends_on=[namespace]),
)
for number in range({projects}):
    CustomResource(
        f"argo-project{{number}}",
        api_version="argoproj.io/v1alpha1",
        kind="Application",
        metadata={{"name": f"argo-project{{number}}", "namespace": "argocd"}},
        spec={{
            "project": "default",
            "source": {{
                "repoURL": f"http://git.protobox/gitlab/protobox1/project{{number}}.git",
                "targetRevision": "CD",
                "path": "factory/CD/base",
            }},
            "destination": {{"server": "https://kubernetes.default.svc"}},
            "syncPolicy": {{"syncOptions": ["CreateNamespace=true"]}},
        }},
        opts=ResourceOptions(provider=cluster, depends_on=[argocd]),
    )
"""


@dataclass(frozen=True)
class Cost:
    """What one preview needed."""

    seconds: float
    cpu_seconds: float
    mebibytes: float
    """The most memory at one time."""


def this_program(lab: Lab, folder: Path, projects: int) -> Path:
    """Write the program with so many projects into `folder`, ready for the engine; return `folder`."""
    local = LocalStack(lab, folder)
    local.edit("dns", {"strategy": "none"})
    local.edit("projects", {f"project{number}": {} for number in range(projects)})
    local.engine.prepare()
    return folder


def bare_program(lab: Lab, folder: Path, projects: int) -> Path:
    """Write the program to compare with into `folder`, ready for the engine; return `folder`."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    own = {"name": "bare", "runtime": project["runtime"]}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    text = _BARE.format(chart=ROOT / "lab" / "charts" / "argo-cd", projects=projects)
    (folder / "__main__.py").write_text(text, encoding="utf-8")
    (folder / ".venv").symlink_to(sys.prefix)
    Engine(lab, folder).prepare()
    return folder


def preview(lab: Lab, project: Path) -> Cost:
    """Preview the program in `project` and return what it needed.

    Raises:
        RuntimeError: the preview failed; what it printed is in the message.
    """
    began, cpu_began = time.monotonic(), _cpu_seconds()
    with (project / "printed").open("w+", encoding="utf-8") as printed:
        process = psutil.Popen(
            [lab.programs.pulumi, "preview", "--non-interactive", "--color=never"],
            cwd=project,
            # Where the variable is set, each start compiles all that is imported; see the Makefile.
            env=stack_environment(lab) | {"PYTHONDONTWRITEBYTECODE": ""},
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        most = 0
        while True:
            most = max(most, _resident(process))
            try:
                code = process.wait(_SAMPLE_SECONDS)
            except psutil.TimeoutExpired:
                continue
            break
        seconds = time.monotonic() - began
        printed.seek(0)
        if code:
            raise RuntimeError(printed.read())
    return Cost(seconds, _cpu_seconds() - cpu_began, most / _MEBIBYTE)


def _cpu_seconds() -> float:
    """Return the processor time of all processes that were started here and have ended, with their own."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(process: psutil.Process) -> int:
    """Return the resident memory of a process and all that it has started, in bytes."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:  # it has just ended; the next sample is complete again
        return 0
    return total


def compared(lab: Lab, folder: Path, projects: int) -> tuple[Cost, Cost]:
    """Return the best cost of this program and of the bare one, which take turns."""
    programs = []
    for name, write in (("ours", this_program), ("bare", bare_program)):
        own = folder / f"{name}-{projects}"
        own.mkdir()
        programs.append(write(lab, own, projects))
    costs = [[preview(lab, program) for program in programs] for _ in range(RUNS[projects])]
    ours, bare = (_best(runs) for runs in zip(*costs, strict=True))
    return ours, bare


def _best(runs: Sequence[Cost]) -> Cost:
    return Cost(
        min(run.seconds for run in runs),
        min(run.cpu_seconds for run in runs),
        min(run.mebibytes for run in runs),
    )


def _row(projects: int, ours: Cost, bare: Cost) -> list[str]:
    units = (("seconds", ".1f", "s"), ("cpu_seconds", ".1f", "s"), ("mebibytes", ".0f", "MiB"))
    row = [f"{projects:,}"]
    for name, form, unit in units:
        own, other = getattr(ours, name), getattr(bare, name)
        row += [f"{own:{form}} {unit}", f"{other:{form}} {unit}", f"{own / other:.2f}"]
    return row


def main() -> None:
    """Measure and print."""
    columns = (column for name in ("wall", "CPU", "memory") for column in (name, "bare", "ratio"))
    table = Table("projects", *columns, box=None, pad_edge=False)
    for column in table.columns:
        column.justify = "right"
    folder = Path(tempfile.mkdtemp(prefix="protobox-cd-bench-"))
    lab = Lab(folder / "lab")
    try:
        lab.start()
        for projects in RUNS:
            table.add_row(*_row(projects, *compared(lab, folder, projects)))
    finally:
        lab.stop()
        shutil.rmtree(folder)
    console = Console()
    console.print(table)
    console.print(f"Target: a ratio of at most {TARGET:.2f}.")


if __name__ == "__main__":
    main()
