"""Whether a chart on this machine takes the cluster's Kubernetes version, asked before anything is written.

Helm itself refuses too late: in the middle of the `up`, when DNS is changed already. Of a chart that Helm
downloads, nothing is known before it does.
"""

from __future__ import annotations

import re
from pathlib import Path

from semantic_version import NpmSpec, Version

from components.argocd.chart import ChartSettings
from components.argocd.chart_file import ChartFileError, read_chart_yaml
from components.stackfile.problems import Problem

_PATH = ("argocd", "chart", "path")


def problem(chart: ChartSettings, server_version: str) -> Problem | None:
    """Return why the chart cannot be installed on this cluster; None if nothing speaks against it.

    Args:
        chart: the stack file's `argocd.chart`. A `path` is read, seen from the working directory.
        server_version: the API server's `gitVersion`: `v1.25.3`, `v1.31.4-eks-1a2b3c`.
    """
    if not chart.path:
        return None
    try:
        content = read_chart_yaml(Path(chart.path))
    except ChartFileError as error:
        return Problem(
            _PATH,
            f"the chart {chart.path} {error}",
            "there is nothing that Argo CD could be installed from",
            "write the path of the chart's folder or .tgz as seen from the project's root, for example "
            "path: charts/argo-cd-10.1.1.tgz",
        )
    needed = str(content.get("kubeVersion", ""))
    if satisfies(server_version, needed):
        return None
    return Problem(
        _PATH,
        f"the chart {chart.path} ({content.get('version')}) needs Kubernetes {needed}, and the cluster has "
        f"{server_version}",
        "Helm would refuse it in the middle of the up, when the cluster's DNS is changed already",
        "take an older packaged chart (7.3.11 takes Kubernetes 1.23), or upgrade the cluster",
    )


def chart_problems(chart: ChartSettings) -> list[Problem]:
    """Return why no chart is at the stack file's path, for which no cluster has to be asked."""
    found = problem(chart, "")  # fits any version that is not known
    return [found] if found else []


def satisfies(server_version: str, constraint: str) -> bool:
    """Tell whether a server's version meets a chart's `kubeVersion`, as Helm would.

    Helm (Masterminds/semver) lets a suffix such as `-eks-1a2b3c` pass if the constraint has one itself, as
    in `>=1.25.0-0`. What cannot be read as versions is left to Helm, and is true.
    """
    words = " ".join(constraint.replace(",", " ").split())
    constraint = re.sub(r"([<>=~^]) (?=\d)", r"\1", words)
    try:
        version = Version(server_version.removeprefix("v"))
        allowed = NpmSpec(constraint or "*")
    except ValueError:
        return True
    if "-" in constraint or not constraint:
        version = version.truncate()
    return bool(allowed.match(version))
