"""What the Corefiles of a DNS layer become, worked out on what is live."""

from __future__ import annotations

import base64
import json
import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from lightkube.resources.core_v1 import ConfigMap

from components.cluster.errors import ClusterError
from components.dns.change import COREDNS, Change, Layer, Remembered, Wanted
from components.dns.configmaps import ConfigMaps, data_of, name_of, version_of
from components.dns.corefile import CorefileError, parse
from components.dns.corefile.imports import FOLDER, expand
from components.dns.distributions import EKS, INSTEAD_OF_COREDNS
from components.dns.effect import cluster_zones
from components.dns.leading_in import Taken
from components.dns.mounts import (
    CUSTOM_FOLDER,
    CUSTOM_MAP,
    Mount,
    Mounts,
    custom_map,
    mounts,
)
from components.dns.plan import Plan, Surroundings, own_file, plan
from components.dns.refusals import belongs_to, takes_away, with_its_place
from components.dns.zones import AnyZone, in_zone, listeners, server_address

COREFILE_KEYS = ("Corefile", "Corefile-second")
"""The keys that Kubespray mounts; `Corefile-second` is its secondary node-local cache. kubeadm's
`Corefile-backup` is nobody's to edit."""
_DNS_SERVICES = ("coredns", "kube-dns")


@dataclass(frozen=True)
class LayerEdit:
    """Works out what a layer's Corefiles become, on what is live at each call."""

    layer: Layer
    maps: ConfigMaps
    wanted: Wanted
    known: Remembered

    def change(self) -> Change | None:
        """Return the change; None when the layer's ConfigMap does not exist."""
        live = find(self.layer, self.maps)
        if live is None:
            if self.layer.name == COREDNS:
                _refuse_what_others_own(self.maps, self.wanted.zones)
            return None
        labels = (live.metadata.labels if live.metadata else None) or {}
        if self.layer.name == COREDNS and EKS.is_shown_by(labels):
            raise belongs_to(EKS, self.wanted.zones)
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
        live = find(self.layer, self.maps)
        return self._planned(live).taken if live else ()

    def _planned(self, live: ConfigMap) -> Change:
        before = _corefiles(self.layer, live)
        pods = self.maps.pods()
        plans: dict[str, Plan] = {}
        for key, text in before.items():
            place = mounts(pods, name_of(live), key)
            around = self._surroundings(live, place)
            ours = self.known.of(key, self.layer.stack)
            with with_its_place(replace(self.layer, found=name_of(live)), key, self.known):
                file = own_file(text, ours, around.folder) if key == "Corefile" else ""
                if file and _has(place, posixpath.dirname(file)):
                    return self._in_custom(text, file, place, around)
                plans[key] = plan(text, self.wanted.zones, ours, _with_stub_domains(text, around))
        return _change(name_of(live), before, plans, version_of(live))

    def _in_custom(self, corefile: str, file: str, place: Mounts | None, around: Surroundings) -> Change:
        folder, key = posixpath.split(file)
        name = custom_map(place, folder)
        live = self.maps.get(name)
        around = replace(around, own_file=file)
        planned = plan(corefile, self.wanted.zones, self.known.of(key, self.layer.stack), around)
        before = data_of(live).get(key, "")
        return _change(name, {key: before}, {key: planned}, version_of(live))

    def _surroundings(self, live: ConfigMap, place: Mounts | None) -> Surroundings:
        """Return what CoreDNS's pods have beside the Corefile; where no pod tells, what is usual."""
        if place is None:
            usual = (Mount(name_of(live), FOLDER), Mount(CUSTOM_MAP, f"{FOLDER}/{CUSTOM_FOLDER}"))
            place = Mounts(f"{FOLDER}/Corefile", usual)
        files: dict[str, str] = {}
        for mount in place.mounts:
            found = live if mount.config_map == name_of(live) else self.maps.get(mount.config_map)
            for key, text in (_texts(found) if found else {}).items():
                if path := mount.file_of(key):
                    files[path] = text
        cluster = () if self.layer.name == COREDNS else _cluster_zones(self.maps)
        return Surroundings(files, place.folder, place.hidden, cluster, self.wanted.hosts)

    def _require_acceptance(self, change: Change) -> None:
        """Refuse to take names from others that the stack file does not give up by name."""
        accepted = self.wanted.takes_over
        if silent := [taken for taken in change.taken if not taken.accepted(accepted)]:
            raise takes_away(self.layer, self.wanted.zones, silent)
        if self.layer.name != COREDNS or not accepted:
            return
        taken = set(change.taken)
        for layer in self.wanted.elsewhere:
            taken |= set(LayerEdit(layer, self.maps, self.wanted, Remembered()).taken())
        if unused := [name for name in accepted if not any(each.accepted([name]) for each in taken)]:
            names = ", ".join(unused)
            raise ClusterError(
                f"protobox-cd:dns.takesOver names {names}, which this stack takes from nobody",
                "a name that is not needed there would let a later edit take it without a word",
                f"take {names} out of protobox-cd:dns.takesOver",
            )


def _with_stub_domains(text: str, around: Surroundings) -> Surroundings:
    """Return `around` with the server blocks that node-cache puts behind its Corefile.

    The Kubernetes project's node-local cache reads them from the ConfigMap kube-dns (kubernetes/dns
    cmd/node-cache/app/configmap.go); Kubespray's does not have it.
    """
    file = next((path for path in around.files if posixpath.basename(path) == "stubDomains"), "")
    try:
        found = json.loads(around.files.get(file, "{}"))
    except ValueError:
        return around  # nor does node-cache take it
    zones = found.items() if isinstance(found, dict) else ()
    stubs = {zone: [*map(str, servers)] for zone, servers in zones if isinstance(servers, list)}
    if not stubs:
        return around
    binds = "".join(
        f"    bind {' '.join(line.args)}\n" for line in listeners(parse(text, overlaps=True)).binds
    )
    blocks = "\n".join(
        f"{zone}:53 {{\n{binds}    forward . {' '.join(servers)}\n}}" for zone, servers in stubs.items()
    )
    return replace(around, files={**around.files, file: blocks}, added=f"\nimport {file}\n")


def _has(place: Mounts | None, folder: str) -> bool:
    """Tell whether the pods have a ConfigMap in `folder`: a Corefile may import what nobody has mounted."""
    return place is None or any(mount.path == folder for mount in place.mounts)


def _change(name: str, before: dict[str, str], plans: Mapping[str, Plan], version: str) -> Change:
    return Change(
        name,
        before,
        {key: planned.text for key, planned in plans.items()},
        {key: planned.owned for key, planned in plans.items() if planned.owned},
        {key: planned.served_by_others for key, planned in plans.items() if planned.served_by_others},
        version,
        {key: planned.written for key, planned in plans.items() if planned.written},
        tuple(dict.fromkeys(taken for planned in plans.values() for taken in planned.taken)),
        tuple(dict.fromkeys(line for planned in plans.values() for line in planned.warnings)),
    )


def _texts(live: ConfigMap) -> dict[str, str]:
    """Return key → text of all files; one with a letter outside UTF-8, in a comment say, is binary there."""
    binary = {
        key: base64.b64decode(value).decode(errors="replace")
        for key, value in (live.binaryData or {}).items()
    }
    return data_of(live) | binary


def _cluster_zones(maps: ConfigMaps) -> tuple[str, ...]:
    """Return the cluster's own zones as CoreDNS serves them, for a layer that only forwards them."""
    data = data_of(maps.get(COREDNS))
    files = {f"{FOLDER}/{key}": text for key, text in data.items()}
    try:
        return cluster_zones(parse(expand(data.get("Corefile", ""), files).text, overlaps=True))
    except CorefileError:
        return ()  # the layer itself is refused for it


def find(layer: Layer, maps: ConfigMaps) -> ConfigMap | None:
    """Return the layer's ConfigMap, under any of its names; None if there is none."""
    return next((live for name in (layer.name, *layer.also) if (live := maps.get(name))), None)


def _corefiles(layer: Layer, live: ConfigMap) -> dict[str, str]:
    data = data_of(live)
    texts = {key: data[key] for key in COREFILE_KEYS if key in data}
    if not texts.get("Corefile", "").strip():
        raise ClusterError(
            f"ConfigMap {layer.namespace}/{name_of(live)} has no text under its key Corefile",
            "there is nothing to add a zone to, and a Corefile from nothing would replace the cluster's DNS",
            "restore the Corefile first, then run pulumi up again",
        )
    return texts


def _refuse_loops(zones: Sequence[AnyZone], services: Collection[str]) -> None:
    """Refuse servers that are the cluster's DNS itself: the question would come back for ever."""
    servers = {server for zone in zones for server in zone.servers}
    looping = sorted(server for server in servers if server_address(server)[0] in services)
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
            raise belongs_to(distribution, zones)
