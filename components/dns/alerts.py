"""Prometheus rules that fire when a name server of a forwarded zone fails. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from components.dns.zones import AnyZone
from components.stackfile.host_names import DNS_PORT, with_port

_FAILURES = ("coredns_proxy_healthcheck_failures_total", "coredns_forward_healthcheck_failures_total")
"""What CoreDNS counts of a server that does not answer: since 1.11, and before."""


def forwarder_rules(zones: Sequence[AnyZone], stack: str) -> list[dict[str, Any]]:
    """Return the rules for the servers of `zones`; none where nothing is forwarded.

    CoreDNS begins to check a server when a question to it has failed, and goes on until it answers. What pods
    got instead shows by zone only in server blocks that have the plugin `prometheus`, as ours do.

    Args:
        zones: what the cluster's DNS answers for this stack.
        stack: the stack's name, for the command that asks again.
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
