"""What of DNS comes into Argo CD's Release, by Pulumi transforms: hosts entries, and Prometheus rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
from pulumi import ResourceTransformArgs, ResourceTransformResult

from components.dns.hosts.entries import merge_host_aliases
from components.dns.zones import AnyZone
from components.stackfile.host_names import DNS_PORT, with_port

RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"
_FAILURES = ("coredns_proxy_healthcheck_failures_total", "coredns_forward_healthcheck_failures_total")
"""What CoreDNS counts of a server that does not answer: since 1.11, and before."""


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


def forwarder_rules(zones: Sequence[AnyZone], stack: str) -> list[dict[str, Any]]:
    """Return the rules for the servers of `zones`; none where nothing is forwarded.

    CoreDNS begins to check a server when a question to it has failed, and goes on until it answers. What pods
    got instead shows by zone only in server blocks that have the plugin `prometheus`, as ours do.
    """
    servers = sorted({with_port(server, DNS_PORT) for zone in zones for server in zone.servers})
    names = sorted(f"{zone.zone}." for zone in zones if zone.servers)
    if not servers:
        return []
    ask = f"`make verify STACK={stack}` asks as Argo CD does, and names the layer that fails."
    failing = " or ".join(f'increase({metric}{{to=~"{_any(servers)}"}}[5m])' for metric in _FAILURES)
    lost = f'coredns_dns_responses_total{{zone=~"{_any(names)}",rcode="SERVFAIL"}}'
    return [
        _rule(
            "ProtoboxForwarderFails",
            f"sum by (to) ({failing}) > 0",
            "The name server {{ $labels.to }} does not answer CoreDNS.",
            "Is it running, does it listen there, and does a firewall let the nodes in, UDP and TCP? " + ask,
        ),
        _rule(
            "ProtoboxZoneFails",
            f"sum by (zone) (increase({lost}[5m])) > 0",
            "Names of {{ $labels.zone }} do not resolve in the cluster.",
            ask,
        ),
    ]


def _any(texts: Sequence[str]) -> str:
    """Return a regular expression for one of `texts`, as it stands in a string of PromQL."""
    return "|".join(re.sub(r"([.\[\]])", r"\\\\\1", text) for text in texts)


def _rule(name: str, expression: str, summary: str, description: str) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        "for": "1m",
        "labels": {"severity": "warning"},
        "annotations": {"summary": summary, "description": description},
    }
