"""The Pulumi transforms that bring hosts entries and Prometheus rules into Argo CD's Release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
from pulumi import ResourceTransformArgs, ResourceTransformResult

from components.dns.hosts.entries import merge_host_aliases

RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"


def host_aliases_transform(aliases: Sequence[Mapping[str, Any]]) -> pulumi.ResourceTransform:
    """Return a transform that merges `aliases` into `global.hostAliases` of a Release's values.

    The chart renders that value into argocd-server and argocd-repo-server, the pod that dials Git;
    it has none for a single component.
    """
    return _release_transform(
        "global", lambda known: merge_host_aliases({"global": known}, aliases)["global"]
    )


def rules_transform(rules: Sequence[Mapping[str, Any]]) -> pulumi.ResourceTransform:
    """Return a transform that adds Prometheus rules to those of a Release's application controller.

    The chart has one PrometheusRule for each of Argo CD's components, and none for others.
    """
    return _release_transform("controller", lambda known: _with_rules(known, rules))


def _with_rules(controller: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    metrics = controller.get("metrics") or {}
    standing = metrics.get("rules") or {}
    spec = [*(standing.get("spec") or []), *rules]
    return {**controller, "metrics": {**metrics, "rules": {**standing, "enabled": True, "spec": spec}}}


def _release_transform(
    key: str, changed: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> pulumi.ResourceTransform:
    """Return a transform of one key of a Release's values; where possible, only that goes through an Output.

    One secret value would otherwise hide all others in a preview.
    """

    def with_change(values: Any) -> Any:
        if not isinstance(values, Mapping):
            return pulumi.Output.from_input(values).apply(with_change)
        return {**values, key: pulumi.Output.from_input(values.get(key) or {}).apply(changed)}

    def transform(args: ResourceTransformArgs) -> ResourceTransformResult | None:
        if args.type_ != RELEASE_TYPE:
            return None
        values = with_change(args.props.get("values") or {})
        return ResourceTransformResult({**args.props, "values": values}, args.opts)

    return transform
