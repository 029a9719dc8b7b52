"""Whether a chart takes the cluster's Kubernetes version, asked before anything is written.

Helm itself refuses too late: in the middle of the `up`, when DNS is changed already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from semantic_version import NpmSpec, Version

from components.argocd.chart_file import ChartFileError, read_chart_yaml
from components.argocd.chart_releases import (
    RELEASES,
    Release,
    release_of_argo_cd,
    release_of_chart,
    tested_with,
)
from components.settings import ChartSettings, Problem, Settings

_VERSION = ("argocd", "chart", "version")
_PATH = ("argocd", "chart", "path")


@dataclass(frozen=True)
class _Chart:
    """A chart as far as it is known: its name for messages, its `kubeVersion`, and its release."""

    named: str
    kube_version: str
    release: Release | None


def problem(chart: ChartSettings, server_version: str) -> Problem | None:
    """Return why the chart cannot be installed on this cluster; None if nothing speaks against it.

    Args:
        chart: the stack file's `argocd.chart`. A `path` is read, seen from the working directory.
        server_version: the API server's `gitVersion`: `v1.25.3`, `v1.31.4-eks-1a2b3c`.
    """
    try:
        known = _known(chart)
    except ChartFileError as error:
        return Problem(
            _PATH,
            f"the chart {chart.path} {error}",
            "there is nothing that Argo CD could be installed from",
            "write the path of the chart's folder or .tgz as seen from the project's root, for example "
            "path: charts/argo-cd-10.1.1.tgz",
        )
    if satisfies(server_version, known.kube_version):
        return None
    return Problem(
        _PATH if chart.path else _VERSION,
        f"{known.named} needs Kubernetes {known.kube_version}, and the cluster has {server_version}",
        "Helm would refuse it in the middle of the up, when the cluster's DNS is changed already",
        _advice(chart, server_version),
    )


def chart_problems(settings: Settings) -> list[Problem]:
    """Return why no chart is at the stack file's path, for which no cluster has to be asked."""
    found = problem(settings.argocd.chart, "")  # fits any version that is not known
    return [found] if found else []


def warning(chart: ChartSettings, server_version: str) -> str:
    """Return that Argo CD is not tested with this cluster's Kubernetes, in words; "" if it is, or not known.

    Takes what `problem` takes, after `problem` has found nothing.
    """
    release, minor = _known(chart).release, _minor(server_version)
    if minor is None or release is None or release.tested is None:
        return ""
    first, last = release.tested
    if first <= minor <= last:
        return ""
    tested = tested_with(minor)
    remedy = f"; to be safe, {_take(chart, tested)}" if tested else ""
    return (
        f"Argo CD {release.argo_cd} is tested with Kubernetes 1.{first} to 1.{last}, and the cluster has "
        f"{server_version}: it may work, but its own tests have not shown it{remedy}"
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


def _known(chart: ChartSettings) -> _Chart:
    if chart.path:
        content = read_chart_yaml(Path(chart.path))
        release = release_of_argo_cd(str(content.get("appVersion", "")))
        named = f"the chart {chart.path} ({content.get('version')})"
        return _Chart(named, str(content.get("kubeVersion", "")), release)
    release = release_of_chart(chart.version)
    return _Chart(f"the chart {chart.version}", release.kube_version if release else "", release)


def _minor(server_version: str) -> int | None:
    match = re.match(r"v?1\.(\d+)", server_version)
    return int(match[1]) if match else None


def _advice(chart: ChartSettings, server_version: str) -> str:
    minor = _minor(server_version)
    accepting = (r for r in reversed(RELEASES) if satisfies(server_version, r.kube_version))
    fitting = (tested_with(minor) if minor else None) or next(accepting, None)
    if fitting is None:
        return "upgrade the cluster"
    return f"{_take(chart, fitting)}, or upgrade the cluster"


def _take(chart: ChartSettings, release: Release) -> str:
    place = "take the packaged chart" if chart.path else "set protobox-cd:argocd.chart.version to"
    return f"{place} {release.last} (Argo CD {release.argo_cd})"
