"""The component that installs Argo CD. It knows nothing of DNS: a strategy reaches it by a transform."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from components.argocd.access import ADMIN_HASH
from components.argocd.chart_values import chart_values
from components.argocd.secrets import secret_manifests
from components.declaring import declare
from components.live import RELEASE
from components.ownership import Adoption
from components.settings import ArgoCDSettings, ChartSettings
from components.settings.argocd_chart import DEFAULT_REPOSITORY

CHART = "argo-cd"


def argocd_namespace(
    settings: ArgoCDSettings, adoption: Adoption, opts: ResourceOptions | None = None
) -> pulumi.CustomResource:
    """Declare the namespace, apart from the Release: it is the first to come and the last to go.

    Args:
        settings: the `argocd` section.
        adoption: what is there already; an adopted namespace outlives the stack.
        opts: the resource's options.
    """
    kept = ResourceOptions(retain_on_delete=settings.adopt or None)
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": settings.namespace}}
    return declare(manifest, adoption, ResourceOptions.merge(opts, kept), "argocd")


class ArgoCD(pulumi.ComponentResource):
    """Argo CD as a Helm Release, which runs the chart's hooks (Chart v4 would drop them).

    Args (constructor):
        args: the `argocd` section.
        adoption: what is there already.

    Attributes:
        release: the Release.
        chart: the chart and its version, in words.
    """

    release: Release
    chart: str

    def __init__(
        self, name: str, args: ArgoCDSettings, adoption: Adoption, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("protobox-cd:argocd:ArgoCD", name, None, opts)
        secrets = [
            declare(manifest, adoption, ResourceOptions(parent=self)) for manifest in secret_manifests(args)
        ]
        chart = args.chart
        self.chart = describe(chart)
        self.release = Release(
            RELEASE,
            name=RELEASE,
            namespace=args.namespace,
            chart=chart.path or chart.oci or CHART,
            version=None if chart.path else chart.version,
            repository_opts=_repository(chart),
            values=_hidden(chart_values(args, pulumi.get_stack()), ADMIN_HASH),
            # Without it Helm keeps the last values when the new ones are empty, so that hosts entries
            # would outlive the strategy that brought them.
            reset_values=True,
            timeout=args.timeout_seconds,
            opts=ResourceOptions(
                parent=self, depends_on=secrets, import_=adoption.imported.get(("Release", RELEASE))
            ),
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
    repository = chart.repository or DEFAULT_REPOSITORY
    if not chart.password:
        return RepositoryOptsArgs(repo=repository)
    password = pulumi.Output.secret(chart.password.get_secret_value())
    return RepositoryOptsArgs(repo=repository, username=chart.username, password=password)


def _hidden(values: Any, path: tuple[str, ...]) -> Any:
    """Return `values` with the text at `path` as a secret, and only that, so that diffs stay readable."""
    key, *rest = path
    if not isinstance(values, dict) or key not in values:
        return values
    inner = _hidden(values[key], (*rest,)) if rest else pulumi.Output.secret(values[key])
    return {**values, key: inner}
