"""The Pulumi transforms that bring hosts entries and Prometheus rules into Argo CD's Release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def transform(args: ResourceTransformArgs) -> ResourceTransformResult | None:
        if args.type_ != RELEASE_TYPE:
            return None
        values = args.props.get("values") or {}
        return ResourceTransformResult({**args.props, "values": _merged(values, aliases)}, args.opts)

    return transform


def rules_transform(rules: Sequence[Mapping[str, Any]]) -> pulumi.ResourceTransform:
    """Return a transform that adds Prometheus rules to those of a Release's application controller.

    The chart has one PrometheusRule for each of Argo CD's components, and none for others.
    """

    def transform(args: ResourceTransformArgs) -> ResourceTransformResult | None:
        if args.type_ != RELEASE_TYPE:
            return None
        values = args.props.get("values") or {}
        return ResourceTransformResult({**args.props, "values": _ruled(values, rules)}, args.opts)

    return transform


def _ruled(values: Any, rules: Sequence[Mapping[str, Any]]) -> Any:
    """Return `values` with `rules`; of them only `controller` goes through an Output, see `_merged`."""
    if not isinstance(values, Mapping):
        return pulumi.Output.from_input(values).apply(lambda known: _ruled(known, rules))
    controller = pulumi.Output.from_input(values.get("controller") or {})
    return {**values, "controller": controller.apply(lambda known: _with_rules(known, rules))}


def _with_rules(controller: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    metrics = controller.get("metrics") or {}
    standing = metrics.get("rules") or {}
    spec = [*(standing.get("spec") or []), *rules]
    return {**controller, "metrics": {**metrics, "rules": {**standing, "enabled": True, "spec": spec}}}


def _merged(values: Any, aliases: Sequence[Mapping[str, Any]]) -> Any:
    """Return `values` with `aliases`; only `global` goes through an Output, where that is possible.

    One secret value would otherwise hide all others in a preview.
    """
    if not isinstance(values, Mapping):
        return pulumi.Output.from_input(values).apply(lambda known: merge_host_aliases(known, aliases))
    shared = pulumi.Output.from_input(values.get("global") or {})
    return {
        **values,
        "global": shared.apply(lambda known: merge_host_aliases({"global": known}, aliases)["global"]),
    }
