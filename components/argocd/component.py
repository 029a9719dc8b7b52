"""The component that installs Argo CD. It knows nothing of DNS: a strategy reaches it by a transform."""

from __future__ import annotations

import pulumi
from pulumi import ResourceOptions
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from components.argocd.values import deep_merge
from components.settings import ArgoCDSettings, ChartSettings
from components.settings.argocd import DEFAULT_REPOSITORY

RELEASE = "argocd"
"""The Release's name. The chart names its workloads after it (`argocd-server`, `argocd-repo-server`)
only if it contains `argocd`."""

CHART = "argo-cd"


def argocd_namespace(settings: ArgoCDSettings, opts: ResourceOptions | None = None) -> Namespace:
    """Declare the namespace, apart from the Release: it is the first to come and the last to go."""
    return Namespace("argocd", metadata={"name": settings.namespace}, opts=opts)


class ArgoCD(pulumi.ComponentResource):
    """Argo CD as a Helm Release, which runs the chart's hooks (Chart v4 would drop them).

    Attributes:
        release: the Release.
        chart: the chart and its version, in words.
    """

    release: Release
    chart: str

    def __init__(self, name: str, args: ArgoCDSettings, *, opts: ResourceOptions | None = None) -> None:
        super().__init__("protobox-cd:argocd:ArgoCD", name, None, opts)
        chart = args.chart
        self.chart = describe(chart)
        self.release = Release(
            RELEASE,
            name=RELEASE,
            namespace=args.namespace,
            chart=chart.path or chart.oci or CHART,
            version=None if chart.path else chart.version,
            repository_opts=_repository(chart),
            values=deep_merge({}, args.values),
            # Without it Helm keeps the last values when the new ones are empty, so that hosts entries
            # would outlive the strategy that brought them.
            reset_values=True,
            timeout=args.timeout_seconds,
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({"namespace": args.namespace, "chart": self.chart})


def describe(chart: ChartSettings) -> str:
    """Return where the chart comes from, in words for an output."""
    if chart.path:
        return chart.path
    return f"{chart.oci or CHART} {chart.version}"


def _repository(chart: ChartSettings) -> RepositoryOptsArgs | None:
    if chart.path or chart.oci:
        return None
    return RepositoryOptsArgs(repo=chart.repository or DEFAULT_REPOSITORY)
