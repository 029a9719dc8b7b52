"""One DNS layer of the cluster: where its Corefiles are, and what to write there.

Every write goes under the `resourceVersion` that was read. CoreDNS's own ConfigMap and its keys are never
created, deleted or emptied; `coredns-custom`, where a cluster imports it, is made if it is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from lightkube.resources.core_v1 import ConfigMap

from components.cluster import ClusterError
from components.dns import custom
from components.dns.configmaps import ConfigMaps, version_of
from components.dns.corefile import CorefileError
from components.dns.distributions import EKS, INSTEAD_OF_COREDNS, Distribution
from components.dns.zones import ForwardedZone, Plan, cut_ours, plan_zones

COREFILE_KEYS = ("Corefile", "Corefile-second")
"""The keys that Kubespray mounts; `Corefile-second` is its secondary node-local cache. kubeadm's
`Corefile-backup` is nobody's to edit."""

COREDNS = "coredns"
_DNS_SERVICES = ("coredns", "kube-dns")

Owned = Mapping[str, Collection[str]]
"""ConfigMap key → our server blocks in that Corefile, such as `protobox:53`."""


@dataclass(frozen=True)
class Layer:
    """Where a DNS layer's Corefiles are, and for which stack they are edited."""

    context: str
    namespace: str
    name: str
    stack: str
    also: tuple[str, ...] = ()
    """Other names that the same layer's ConfigMap has on other distributions."""

    def __str__(self) -> str:
        return " or ".join(f"ConfigMap {self.namespace}/{name}" for name in (self.name, *self.also))


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
    left: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → server blocks of somebody else that do the same, and were left to them."""
    version: str = ""
    """The `resourceVersion` that `before` was read from; "" if the ConfigMap does not exist."""

    @property
    def data(self) -> dict[str, str | None]:
        """The keys that have to be written, None for one to take out."""
        return {key: text or None for key, text in self.after.items() if text != self.before[key]}


def preview(layer: Layer, zones: Sequence[ForwardedZone], owned: Owned) -> Change | None:
    """Return what `apply` would do now; None when the layer's ConfigMap does not exist.

    Raises:
        ClusterError: the cluster does not answer, or the edit would be unsafe.
    """
    return _plan(layer, ConfigMaps(layer.context, layer.namespace), zones, owned)


def apply(layer: Layer, zones: Sequence[ForwardedZone], owned: Owned) -> Change | None:
    """Bring the live Corefiles to forward `zones`; None when the layer's ConfigMap does not exist.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    maps = ConfigMaps(layer.context, layer.namespace)
    return maps.write(lambda: _plan(layer, maps, zones, owned))


def remove(layer: Layer, owned: Owned) -> None:
    """Take the blocks in `owned` out of the live Corefiles, and nothing else.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    maps = ConfigMaps(layer.context, layer.namespace)
    maps.write(lambda: _removal(layer, maps, owned))
    maps.write(lambda: _custom_removal(maps, owned))


def _plan(layer: Layer, maps: ConfigMaps, zones: Sequence[ForwardedZone], owned: Owned) -> Change | None:
    live = _find(layer, maps)
    if live is None:
        if layer.name == COREDNS:
            _refuse_what_others_own(maps, zones)
        return None
    before = _corefiles(layer, live)
    labels = (live.metadata.labels if live.metadata else None) or {}
    if layer.name == COREDNS and EKS.is_shown_by(labels):
        raise _refusal(EKS, zones)
    _refuse_loops(zones, maps.service_addresses(*_DNS_SERVICES))
    with _telling(layer, "Corefile"):
        suffix = custom.imported_suffix(before["Corefile"])
    if suffix and not owned.get("Corefile"):
        return _custom_plan(layer, maps, before["Corefile"], suffix, zones)
    plans: dict[str, Plan] = {}
    for key, text in before.items():
        with _telling(layer, key):
            plans[key] = plan_zones(text, zones, owned.get(key, ()), layer.stack)
    return Change(
        _name(live),
        before,
        {key: plan.text for key, plan in plans.items()},
        {key: plan.owned for key, plan in plans.items() if plan.owned},
        {key: plan.left for key, plan in plans.items() if plan.left},
        version_of(live),
    )


def _custom_plan(
    layer: Layer, maps: ConfigMaps, corefile: str, suffix: str, zones: Sequence[ForwardedZone]
) -> Change:
    live = maps.get(custom.CONFIG_MAP)
    data = (live.data if live else None) or {}
    files = {name: text for name, text in data.items() if name.endswith(suffix)}
    key = custom.custom_key(layer.stack, suffix)
    with _telling(layer, f"Corefile and {custom.CONFIG_MAP}"):
        plan = custom.plan_custom(corefile, files, key, zones, layer.stack)
    return Change(
        custom.CONFIG_MAP,
        {key: data.get(key, "")},
        {key: plan.text},
        {key: plan.owned} if plan.owned else {},
        {key: plan.left} if plan.left else {},
        version_of(live) if live else "",
    )


def _removal(layer: Layer, maps: ConfigMaps, owned: Owned) -> Change | None:
    live = _find(layer, maps)
    if live is None or not set(owned) & set(COREFILE_KEYS):
        return None
    before = _corefiles(layer, live)
    after: dict[str, str] = {}
    for key, text in before.items():
        with _telling(layer, key):
            after[key] = cut_ours(text, owned.get(key, ()))
    return Change(_name(live), before, after, version=version_of(live))


def _custom_removal(maps: ConfigMaps, owned: Owned) -> Change | None:
    keys = [key for key in owned if key not in COREFILE_KEYS]
    live = maps.get(custom.CONFIG_MAP) if keys else None
    if live is None:
        return None
    before = {key: text for key, text in (live.data or {}).items() if key in keys}
    return Change(custom.CONFIG_MAP, before, dict.fromkeys(before, ""), version=version_of(live))


def _find(layer: Layer, maps: ConfigMaps) -> ConfigMap | None:
    return next((live for name in (layer.name, *layer.also) if (live := maps.get(name))), None)


def _name(live: ConfigMap) -> str:
    return (live.metadata.name if live.metadata else None) or ""


def _corefiles(layer: Layer, live: ConfigMap) -> dict[str, str]:
    data = live.data or {}
    texts = {key: data[key] for key in COREFILE_KEYS if key in data}
    if not texts.get("Corefile", "").strip():
        raise ClusterError(
            f"ConfigMap {layer.namespace}/{_name(live)} has no text under its key Corefile",
            "there is nothing to add a zone to, and a Corefile from nothing would replace the cluster's DNS",
            "restore the Corefile first, then run pulumi up again",
        )
    return texts


def _refuse_loops(zones: Sequence[ForwardedZone], own: Collection[str]) -> None:
    """Refuse servers that are the cluster's DNS itself: the question would come back for ever."""
    looping = sorted({server for zone in zones for server in zone.servers if zone.address(server) in own})
    if looping:
        raise ClusterError(
            f"the server {', '.join(looping)} is the cluster's own DNS Service",
            "CoreDNS would ask itself, and its loop takes the cluster's DNS down",
            "set protobox-cd:dns.servers to the machine that knows the zone, for example [192.168.1.7]",
        )


def _refuse_what_others_own(maps: ConfigMaps, zones: Sequence[ForwardedZone]) -> None:
    """Tell what to do on a cluster without kube-system/coredns whose kind is known."""
    for distribution in INSTEAD_OF_COREDNS:
        if maps.get(distribution.config_map, distribution.namespace):
            raise _refusal(distribution, zones)


def _refusal(distribution: Distribution, zones: Sequence[ForwardedZone]) -> ClusterError:
    return ClusterError(
        f"this cluster's DNS belongs to {distribution.name}, so it is not edited; nothing was written",
        f"{distribution.reason}, and the zone would be gone without a word",
        f"do it the owner's way, then choose protobox-cd:dns.strategy: none\n{distribution.recipe(zones)}",
    )


@contextmanager
def _telling(layer: Layer, key: str) -> Iterator[None]:
    """Tell a Corefile that cannot be edited with its place."""
    try:
        yield
    except CorefileError as error:
        raise ClusterError(
            f"{layer}, key {key}: {error}; nothing was written",
            "an edit that is not certain could take down the cluster's DNS at the next start of a pod",
            f"mend the Corefile (kubectl -n {layer.namespace} edit configmap {layer.name}), or leave the "
            "cluster's DNS alone with protobox-cd:dns.strategy: hostAliases",
        ) from None
