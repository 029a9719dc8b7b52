"""One DNS layer of the cluster: where its Corefiles are, and what to write there.

Every write goes under the `resourceVersion` that was read. CoreDNS's own ConfigMap and its keys are never
created, deleted or emptied; `coredns-custom`, where a cluster imports it, is made if it is not there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lightkube.resources.core_v1 import ConfigMap

from components.cluster.errors import ClusterError
from components.dns import custom
from components.dns.configmaps import ConfigMaps, version_of
from components.dns.corefile import CorefileError, parse
from components.dns.corefile.edit import MARKER
from components.dns.corefile.imports import FOLDER, expand
from components.dns.distributions import EKS, INSTEAD_OF_COREDNS, Distribution
from components.dns.effect import Taken, cluster_zones
from components.dns.mounts import Mount, Mounts, mounts
from components.dns.plan import Ownership, Plan, Surroundings, plan, without_ours
from components.dns.proof.loaded import write_and_follow
from components.dns.zones import AnyZone, in_zone, server_address
from components.stackfile.base import PROJECT

COREFILE_KEYS = ("Corefile", "Corefile-second")
"""The keys that Kubespray mounts; `Corefile-second` is its secondary node-local cache. kubeadm's
`Corefile-backup` is nobody's to edit."""

COREDNS = "coredns"
_DNS_SERVICES = ("coredns", "kube-dns")


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
    left: dict[str, tuple[str, ...]] = field(default_factory=dict)
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


def preview(layer: Layer, wanted: Wanted, known: Remembered) -> Change | None:
    """Return what `apply` would do now; None when the layer's ConfigMap does not exist.

    Raises:
        ClusterError: the cluster does not answer, or the edit would be unsafe.
    """
    return _Planning(layer, ConfigMaps(layer.context, layer.namespace), wanted, known).change()


def apply(layer: Layer, wanted: Wanted, known: Remembered) -> Change | None:
    """Bring the live Corefiles to forward the zones; None when the layer's ConfigMap does not exist.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    planning = _Planning(layer, ConfigMaps(layer.context, layer.namespace), wanted, known)
    return write_and_follow(planning.maps, planning.change)


def remove(layer: Layer, known: Remembered) -> None:
    """Take our blocks out of the live Corefiles, and nothing else.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    maps = ConfigMaps(layer.context, layer.namespace)
    write_and_follow(maps, lambda: _removal(layer, maps, known))
    write_and_follow(maps, lambda: _custom_removal(layer, maps, known))


@dataclass(frozen=True)
class _Planning:
    """Works out what a layer's Corefiles become, on what is live at each call."""

    layer: Layer
    maps: ConfigMaps
    wanted: Wanted
    known: Remembered

    def change(self) -> Change | None:
        """Return the change; None when the layer's ConfigMap does not exist."""
        live = _find(self.layer, self.maps)
        if live is None:
            if self.layer.name == COREDNS:
                _refuse_what_others_own(self.maps, self.wanted.zones)
            return None
        labels = (live.metadata.labels if live.metadata else None) or {}
        if self.layer.name == COREDNS and EKS.is_shown_by(labels):
            raise _refusal(EKS, self.wanted.zones)
        _refuse_loops(self.wanted.zones, self.maps.service_addresses(*_DNS_SERVICES))
        change = self._planned(live)
        self._require_acceptance(change)
        return replace(change, warnings=(*change.warnings, *self._led_by_services()))

    def _led_by_services(self) -> list[str]:
        """Return a warning for each Service that is an alias into a zone: its answer changes, too."""
        if self.layer.name != COREDNS:
            return []
        return [
            f"{zone.zone}: the Service {name} is an alias of {target}, "
            + (f"which {zone.zone}'s servers now answer" if zone.servers else "which the entry now answers")
            for name, target in sorted(self.maps.external_names().items())
            for zone in self.wanted.zones
            if (in_zone if zone.servers else str.__eq__)(target.rstrip(".").lower(), zone.zone)
        ]

    def taken(self) -> tuple[Taken, ...]:
        """Return the names that the layer would take from others; none where there is no such layer."""
        live = _find(self.layer, self.maps)
        return self._planned(live).taken if live else ()

    def _planned(self, live: ConfigMap) -> Change:
        before = _corefiles(self.layer, live)
        pods = self.maps.pods()
        plans: dict[str, Plan] = {}
        for key, text in before.items():
            place = mounts(pods, _name(live), key)
            around = self._surroundings(live, place)
            ours = self.known.of(key, self.layer.stack)
            with _telling(self.layer, key, self.known):
                target = custom.imported_folder(text, around.folder)
                if target and key == "Corefile" and without_ours(text, ours) == text:
                    return self._in_custom(text, target, place, around)
                plans[key] = plan(text, self.wanted.zones, ours, around)
        return _change(_name(live), before, plans, version_of(live))

    def _in_custom(
        self, corefile: str, target: tuple[str, str], place: Mounts | None, around: Surroundings
    ) -> Change:
        folder, suffix = target
        name = custom.config_map(place, folder)
        live = self.maps.get(name)
        key = custom.custom_key(self.layer.stack, suffix)
        around = replace(around, own_file=f"{folder}/{key}")
        planned = plan(corefile, self.wanted.zones, self.known.of(key, self.layer.stack), around)
        before = ((live.data if live else None) or {}).get(key, "")
        return _change(name, {key: before}, {key: planned}, version_of(live) if live else "")

    def _surroundings(self, live: ConfigMap, place: Mounts | None) -> Surroundings:
        """Return what CoreDNS's pods have beside the Corefile; where no pod tells, what is usual."""
        if place is None:
            usual = (Mount(_name(live), FOLDER), Mount(custom.CONFIG_MAP, f"{FOLDER}/{custom.FOLDER_NAME}"))
            place = Mounts(f"{FOLDER}/Corefile", usual)
        files: dict[str, str] = {}
        for mount in place.mounts:
            found = live if mount.config_map == _name(live) else self.maps.get(mount.config_map)
            for key, text in ((found.data if found else None) or {}).items():
                if path := mount.file_of(key):
                    files[path] = text
        cluster = () if self.layer.name == COREDNS else _cluster_zones(self.maps)
        return Surroundings(files, place.folder, place.hidden, cluster, self.wanted.hosts)

    def _require_acceptance(self, change: Change) -> None:
        """Refuse to take names from others that the stack file does not give up by name."""
        accepted = self.wanted.takes_over
        if silent := [taken for taken in change.taken if not taken.accepted(accepted)]:
            raise _takes_away(self.layer, self.wanted.zones, silent)
        if self.layer.name != COREDNS or not accepted:
            return
        taken = set(change.taken)
        for layer in self.wanted.elsewhere:
            taken |= set(_Planning(layer, self.maps, self.wanted, Remembered()).taken())
        if unused := [name for name in accepted if not any(one.accepted([name]) for one in taken)]:
            names = ", ".join(unused)
            raise ClusterError(
                f"protobox-cd:dns.takesOver names {names}, which this stack takes from nobody",
                "a name that is not needed there would let a later edit take it without a word",
                f"take {names} out of protobox-cd:dns.takesOver",
            )


def _change(name: str, before: dict[str, str], plans: Mapping[str, Plan], version: str) -> Change:
    return Change(
        name,
        before,
        {key: planned.text for key, planned in plans.items()},
        {key: planned.owned for key, planned in plans.items() if planned.owned},
        {key: planned.left for key, planned in plans.items() if planned.left},
        version,
        {key: planned.written for key, planned in plans.items() if planned.written},
        tuple(dict.fromkeys(taken for planned in plans.values() for taken in planned.taken)),
        tuple(dict.fromkeys(line for planned in plans.values() for line in planned.warnings)),
    )


def _takes_away(layer: Layer, zones: Sequence[AnyZone], taken: Sequence[Taken]) -> ClusterError:
    lines = "".join(f"\n  {name.name}: {name.source}" for name in taken)
    names = ", ".join(dict.fromkeys(json.dumps(name.name) for name in taken))
    forwards = any(zone.servers for zone in zones)
    return ClusterError(
        f"{layer}: {'forwarding' if forwards else 'answering'} {', '.join(zone.zone for zone in zones)} "
        f"would change the answers of others; nothing was written{lines}",
        "CoreDNS gives every name of a zone to the block for that zone: whoever answers these names now is "
        "no longer asked",
        f"accept that by name, protobox-cd:dns.takesOver: [{names}]; or "
        + ("forward a longer zone, down to the Git host's name alone" if forwards else "take the entry out"),
    )


def _cluster_zones(maps: ConfigMaps) -> tuple[str, ...]:
    """Return the cluster's own zones as CoreDNS serves them, for a layer that only forwards them."""
    live = maps.get(COREDNS)
    data = (live.data if live else None) or {}
    files = {f"{FOLDER}/{key}": text for key, text in data.items()}
    try:
        return cluster_zones(parse(expand(data.get("Corefile", ""), files).text, overlaps=True))
    except CorefileError:
        return ()  # the layer itself is refused for it


def _removal(layer: Layer, maps: ConfigMaps, known: Remembered) -> Change | None:
    live = _find(layer, maps)
    if live is None or not set(known.owned) & set(COREFILE_KEYS):
        return None
    before = {key: text for key, text in (live.data or {}).items() if key in COREFILE_KEYS}
    after = {key: _cut(layer, key, text, known) for key, text in before.items()}
    return Change(_name(live), before, after, version=version_of(live))


def _cut(layer: Layer, key: str, text: str, known: Remembered) -> str:
    try:
        return without_ours(text, known.of(key, layer.stack))
    except CorefileError as error:
        zones = [zone_key.rpartition(":")[0] for zone_key in known.owned.get(key, ())]
        if not any(word in text for word in (MARKER, *zones)):
            return text  # whoever broke it has taken our blocks out
        raise ClusterError(
            f"{layer}, key {key}: {error}; nothing was cut out of it",
            "a cut that is not certain could take down the cluster's DNS at the next start of a pod",
            f"mend the Corefile ({_edit(layer)}) and run this again; or let go of it, and cut the block for "
            f"{', '.join(zones)} and the comment above it out by hand:\n {_let_go(layer)}",
        ) from None


def _custom_removal(layer: Layer, maps: ConfigMaps, known: Remembered) -> Change | None:
    keys = [key for key in known.owned if key not in COREFILE_KEYS]
    if not keys:
        return None
    name = custom.config_map(mounts(maps.pods(), layer.name, "Corefile"))
    live = maps.get(name)
    if live is None:
        return None
    before = {key: text for key, text in (live.data or {}).items() if key in keys}
    return Change(name, before, dict.fromkeys(before, ""), version=version_of(live))


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


def _refuse_loops(zones: Sequence[AnyZone], own: Collection[str]) -> None:
    """Refuse servers that are the cluster's DNS itself: the question would come back for ever."""
    servers = {server for zone in zones for server in zone.servers}
    looping = sorted(server for server in servers if server_address(server)[0] in own)
    if looping:
        raise ClusterError(
            f"the server {', '.join(looping)} is the cluster's own DNS Service",
            "CoreDNS would ask itself, and its loop takes the cluster's DNS down",
            "set protobox-cd:dns.servers to the machine that knows the zone, for example [192.168.1.7]",
        )


def _refuse_what_others_own(maps: ConfigMaps, zones: Sequence[AnyZone]) -> None:
    """Tell what to do on a cluster without kube-system/coredns whose kind is known."""
    for distribution in INSTEAD_OF_COREDNS:
        if maps.get(distribution.config_map, distribution.namespace):
            raise _refusal(distribution, zones)


def _refusal(distribution: Distribution, zones: Sequence[AnyZone]) -> ClusterError:
    return ClusterError(
        f"this cluster's DNS belongs to {distribution.name}, so it is not edited; nothing was written",
        f"{distribution.reason}, and the zone would be gone without a word",
        f"do it the owner's way, then choose protobox-cd:dns.strategy: none\n{distribution.recipe(zones)}",
    )


@contextmanager
def _telling(layer: Layer, key: str, known: Remembered) -> Iterator[None]:
    """Tell a Corefile that cannot be edited with its place, and what helps."""
    try:
        yield
    except CorefileError as error:
        mend = f"mend the Corefile ({_edit(layer)}) and run this again"
        # Another strategy takes our blocks out of the Corefile, which fails in the same way.
        other = ", or leave the cluster's DNS alone with protobox-cd:dns.strategy: hostAliases"
        raise ClusterError(
            f"{layer}, key {key}: {error}; nothing was written",
            "an edit that is not certain could take down the cluster's DNS at the next start of a pod",
            mend if known.owned else mend + other,
        ) from None


def _edit(layer: Layer) -> str:
    return f"kubectl --context {layer.context} -n {layer.namespace} edit configmap {layer.name}"


def _let_go(layer: Layer) -> str:
    """Return the command that makes the stack forget a layer; the cluster stays as it is."""
    kind = "protobox-cd:dns:ClusterDNS$pulumi-python:dynamic/coredns:CorefileZones"
    return f"pulumi state delete --yes 'urn:pulumi:{layer.stack}::{PROJECT}::{kind}::{layer.name}'"
