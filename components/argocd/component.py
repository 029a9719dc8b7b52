"""The component that installs Argo CD. It knows nothing of DNS: a strategy reaches it by a transform."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from components.argocd.admin import ADMIN_HASH
from components.argocd.chart import DEFAULT_REPOSITORY, ChartSettings
from components.argocd.chart_values import chart_values, secret_manifests
from components.argocd.release import CHART
from components.argocd.section import ArgoCDSettings
from components.cluster.declaring import declare
from components.cluster.helm_records import RELEASE
from components.cluster.ownership import RELEASE_NAME, Adoption


def argocd_namespace(
    settings: ArgoCDSettings, adoption: Adoption, opts: ResourceOptions | None = None
) -> pulumi.CustomResource:
    """Declare the namespace, apart from the Release: it is the first to come and the last to go.

    An adopted namespace stays as it is.
    """
    metadata: dict[str, Any] = {"name": settings.namespace}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    key = ("Namespace", settings.namespace)
    if key in adoption.adopted:
        # The plugin takes away what kubectl has set and nobody declares, so all of it is declared.
        metadata["annotations"] = dict(adoption.of_others)
        metadata["labels"] = dict(adoption.namespace.labels) if adoption.namespace else {}
        manifest["spec"] = {"finalizers": ["kubernetes"]}
        if key not in adoption.imported:  # from then on others may change it
            theirs = [f'metadata.annotations["{name}"]' for name in adoption.of_others]
            ignored = ResourceOptions(ignore_changes=["metadata.labels", "spec", *theirs])
            opts = ResourceOptions.merge(opts, ignored)
    return declare(manifest, adoption, opts, "argocd")


class ArgoCD(pulumi.ComponentResource):
    """Argo CD as a Helm Release, which runs the chart's hooks (Chart v4 would drop them).

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
        # An adopted release outlives the stack, and so do the Secrets that it reads.
        child = ResourceOptions(parent=self, retain_on_delete=RELEASE_NAME in adoption.adopted or None)
        secrets = [declare(manifest, adoption, child) for manifest in secret_manifests(args)]
        chart = args.chart
        self.chart = chart.path or f"{chart.oci or CHART} {chart.version}"
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
            description=adoption.description or None,
            opts=ResourceOptions.merge(
                child, ResourceOptions(depends_on=secrets, import_=adoption.imported.get(RELEASE_NAME))
            ),
        )
        self.register_outputs({"namespace": args.namespace, "chart": self.chart})


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
