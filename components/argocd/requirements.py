"""What Argo CD asks of the cluster: the chart's Kubernetes version, and nodes for high availability.

Helm itself refuses too late: in the middle of the `up`, when DNS is changed already. Of a chart that Helm
downloads, nothing is known before it does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semantic_version import NpmSpec, Version

from components.argocd.chart import ChartFileError, ChartSettings, read_chart_yaml
from components.argocd.section import ArgoCDSettings
from components.argocd.values import value_at
from components.stackfile.problems import Problem

_PATH = ("argocd", "chart", "path")
NODES_NEEDED = 3
"""Redis and its proxy have three pods each, of which no two may share a node (chart argo-cd, README, "High
Availability"; `redis-ha.hardAntiAffinity`)."""
_REPELLING = {"NoSchedule", "NoExecute"}


def chart_problem(chart: ChartSettings, server_version: str = "") -> Problem | None:
    """Return why the chart cannot be installed on this cluster; None if nothing speaks against it.

    Args:
        chart: the stack file's `argocd.chart`. A `path` is read, seen from the working directory.
        server_version: the API server's `gitVersion`: `v1.25.3`, `v1.31.4-eks-1a2b3c`; "" fits any chart.
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


def takes_no_pods(node: Mapping[str, Any]) -> str:
    """Return why a Node object of the API server's takes no ordinary pods; "" if it does."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    taints = [taint["key"] for taint in spec.get("taints") or [] if taint.get("effect") in _REPELLING]
    ready = [c["status"] for c in status.get("conditions") or [] if c["type"] == "Ready"]
    if spec.get("unschedulable"):
        return "is cordoned"
    if taints:
        return f"has the taint {taints[0]}"
    return "" if ready == ["True"] else "is not ready"


def worker_problem(settings: ArgoCDSettings, nodes: Sequence[Mapping[str, Any]]) -> Problem | None:
    """Return why `highAvailability` cannot work with these nodes; None if it can, or is not asked for."""
    if not settings.high_availability or not _insists_on_nodes(settings.values):
        return None
    reasons = {node["metadata"]["name"]: takes_no_pods(node) for node in nodes}
    usable = [name for name, reason in reasons.items() if not reason]
    if len(usable) >= NODES_NEEDED:
        return None
    others = "; ".join(f"{name} {reason}" for name, reason in reasons.items() if reason)
    counted = ", ".join(usable) or "none"
    return Problem(
        ("argocd", "highAvailability"),
        f"highAvailability needs {NODES_NEEDED} nodes that take pods, and the cluster has {len(usable)} "
        f"({counted})",
        "each of the three Redis pods insists on a node of its own, so that one of them would wait for ever, "
        "and the up with it",
        f"take highAvailability out, or add nodes.{f' Not counted: {others}' if others else ''}",
    )


def _insists_on_nodes(values: Mapping[str, Any]) -> bool:
    """Tell whether the chart's hard rule is still on, for the Redis or the proxy that the chart runs."""
    if value_at(values, "redis-ha", "enabled") is False:  # Redis is somewhere else
        return False
    redis = value_at(values, "redis-ha", "hardAntiAffinity") is not False
    of_proxy = [value_at(values, "redis-ha", "haproxy", key) for key in ("enabled", "hardAntiAffinity")]
    return redis or all(value is not False for value in of_proxy)
