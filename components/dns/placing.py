"""Which DNS layers a cluster has, and what the state keeps of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.dns.change import Remembered
from components.dns.zones import AnyZone, ForwardedZone, HostsZone

NAMESPACE = "kube-system"
ALSO = {"nodelocaldns": ["node-local-dns"]}
"""The name that the Kubernetes project's own node-local cache gives to its ConfigMap."""


def required_layers(nodelocaldns: str) -> dict[str, bool]:
    """Return the layers to edit → whether the cluster must have them.

    Args:
        nodelocaldns: `auto`, `require` or `skip`.
    """
    node_local = {} if nodelocaldns == "skip" else {"nodelocaldns": nodelocaldns == "require"}
    return {"coredns": True, **node_local}


def known_in(props: Mapping[str, Any]) -> Remembered:
    """Return what the state knows of our blocks in a layer."""
    return Remembered(props.get("owned") or {}, props.get("written") or {}, zones_in(props))


def zones_in(props: Mapping[str, Any]) -> list[AnyZone]:
    """Return the zones that a layer's resource was declared with."""
    return [_zone(zone) for zone in props.get("zones") or ()]


def as_props(zone: AnyZone) -> dict[str, Any]:
    """Return a zone as a layer's resource is declared with it; `zones_in` reads it again."""
    if isinstance(zone, HostsZone):
        return {"zone": zone.zone, "addresses": list(zone.addresses), "cacheSeconds": zone.cache_seconds}
    return {
        "zone": zone.zone,
        "servers": list(zone.servers),
        "cacheSeconds": zone.cache_seconds,
        "rewrite": dict(zone.rewrite),
        "policy": zone.policy,
    }


def _zone(zone: Mapping[str, Any]) -> AnyZone:
    if "addresses" in zone:
        return HostsZone(zone["zone"], tuple(zone["addresses"]), int(zone["cacheSeconds"]))
    return ForwardedZone(
        zone["zone"],
        tuple(zone["servers"]),
        int(zone["cacheSeconds"]),
        tuple((name, target) for name, target in zone["rewrite"].items()),
        zone.get("policy", ""),
    )
