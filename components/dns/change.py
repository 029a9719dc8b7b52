"""A DNS layer: what it is asked for, what the state keeps of it, and what an edit of it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.dns.leading_in import Taken
from components.dns.plan import Ownership
from components.dns.zones import AnyZone, ForwardedZone, HostsZone
from components.stackfile.problems import PROJECT

COREDNS = "coredns"
NAMESPACE = "kube-system"
ALSO = {"nodelocaldns": ["node-local-dns"]}
"""The name that the Kubernetes project's own node-local cache gives to its ConfigMap."""


@dataclass(frozen=True)
class Layer:
    """Where a DNS layer's Corefiles are, and for which stack they are edited."""

    context: str
    namespace: str
    name: str
    stack: str
    also: tuple[str, ...] = ()
    """Other names that the same layer's ConfigMap has on other distributions."""
    found: str = ""
    """The one of these names that it has in the cluster, where that is known."""

    def __str__(self) -> str:
        names = (self.found,) if self.found else (self.name, *self.also)
        return " or ".join(f"ConfigMap {self.namespace}/{name}" for name in names)

    @property
    def edit_command(self) -> str:
        """The command with which a person edits the layer."""
        return (
            f"kubectl --context {self.context} -n {self.namespace} edit configmap {self.found or self.name}"
        )

    @property
    def forget_command(self) -> str:
        """The command that makes the stack forget the layer; the cluster stays as it is."""
        kind = "protobox-cd:dns:ClusterDNS$pulumi-python:dynamic/coredns:CorefileZones"
        return f"pulumi state delete --yes 'urn:pulumi:{self.stack}::{PROJECT}::{kind}::{self.name}'"


@dataclass(frozen=True)
class Wanted:
    """What a layer has to do."""

    zones: Sequence[AnyZone]
    takes_over: Collection[str] = ()
    """Names of others whose answers may change, as the stack file accepts them."""
    hosts: Collection[str] = ()
    """The names that have to resolve; none: every name of the zones."""
    elsewhere: Collection[Layer] = ()
    """The other layers, in which names of `takes_over` may be taken instead of in this one."""


@dataclass(frozen=True)
class Remembered:
    """What the state knows of our own blocks."""

    owned: Mapping[str, Collection[str]] = field(default_factory=dict)
    """ConfigMap key → our server blocks in that Corefile, such as `protobox:53`."""
    written: Mapping[str, Collection[str]] = field(default_factory=dict)
    """ConfigMap key → their texts."""
    before: Sequence[AnyZone] = ()
    """The zones of the last `up`."""

    def of(self, key: str, stack: str) -> Ownership:
        """Return how our blocks in one Corefile are known."""
        return Ownership(stack, self.owned.get(key, ()), self.written.get(key, ()), self.before)


@dataclass(frozen=True)
class Change:
    """What an edit did, or would do, to each Corefile of a layer."""

    config_map: str
    """The ConfigMap that is written."""
    before: dict[str, str]
    """Key → text as it was read."""
    after: dict[str, str]
    """Key → text to write; equal to `before` where there is nothing to do, "" to take the key out."""
    owned: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → our server blocks in it, such as `protobox:53`."""
    served_by_others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → server blocks of somebody else that do the same, and were left to them."""
    version: str = ""
    """The `resourceVersion` that `before` was read from; "" if the ConfigMap does not exist."""
    written: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → our server blocks in it, as text."""
    taken: tuple[Taken, ...] = ()
    """The names whose answers change for others."""
    warnings: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, str | None]:
        """The keys that have to be written, None for one to take out."""
        return {key: text or None for key, text in self.after.items() if text != self.before[key]}


def required_layers(nodelocaldns: str) -> dict[str, bool]:
    """Return the layers to edit → whether the cluster must have them, for `auto`, `require` or `skip`."""
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
