"""Edit one DNS layer of the cluster: its Corefiles, and nothing else.

Every write goes under the `resourceVersion` that was read. CoreDNS's own ConfigMap and its keys are never
created, deleted or emptied; `coredns-custom`, where a cluster imports it, is made if it is not there.
"""

from __future__ import annotations

from dataclasses import replace

from components.dns.change import Change, Layer, Remembered, Wanted
from components.dns.configmaps import ConfigMaps, data_of, name_of, version_of
from components.dns.corefile import CorefileError
from components.dns.corefile.edit import MARKER
from components.dns.layer_edit import COREFILE_KEYS, LayerEdit, find
from components.dns.mounts import custom_map, mounts
from components.dns.plan import without_ours
from components.dns.proof.loaded import write_and_follow
from components.dns.refusals import nothing_cut


def preview(layer: Layer, wanted: Wanted, known: Remembered) -> Change | None:
    """Return what `apply` would do now; None when the layer's ConfigMap does not exist.

    Raises:
        ClusterError: the cluster does not answer, or the edit would be unsafe.
    """
    return LayerEdit(layer, ConfigMaps(layer.context, layer.namespace), wanted, known).change()


def apply(layer: Layer, wanted: Wanted, known: Remembered) -> Change | None:
    """Bring the live Corefiles to forward the zones; None when the layer's ConfigMap does not exist.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    maps = ConfigMaps(layer.context, layer.namespace)
    return write_and_follow(maps, LayerEdit(layer, maps, wanted, known).change)


def remove(layer: Layer, known: Remembered) -> None:
    """Take our blocks out of the live Corefiles, and nothing else.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    maps = ConfigMaps(layer.context, layer.namespace)
    write_and_follow(maps, lambda: _removal(layer, maps, known))
    write_and_follow(maps, lambda: _custom_removal(layer, maps, known))


def _removal(layer: Layer, maps: ConfigMaps, known: Remembered) -> Change | None:
    live = find(layer, maps)
    if live is None or not set(known.owned) & set(COREFILE_KEYS):
        return None
    before = {key: text for key, text in data_of(live).items() if key in COREFILE_KEYS}
    found = replace(layer, found=name_of(live))
    after = {key: _cut(found, key, text, known) for key, text in before.items()}
    return Change(name_of(live), before, after, version=version_of(live))


def _cut(layer: Layer, key: str, text: str, known: Remembered) -> str:
    try:
        return without_ours(text, known.of(key, layer.stack))
    except CorefileError as error:
        zones = [zone_key.rpartition(":")[0] for zone_key in known.owned.get(key, ())]
        if not any(word in text for word in (MARKER, *zones)):
            return text  # whoever broke it has taken our blocks out
        raise nothing_cut(layer, key, error, zones) from None


def _custom_removal(layer: Layer, maps: ConfigMaps, known: Remembered) -> Change | None:
    keys = [key for key in known.owned if key not in COREFILE_KEYS]
    if not keys:
        return None
    name = custom_map(mounts(maps.pods(), layer.name, "Corefile"))
    live = maps.get(name)
    if live is None:
        return None
    before = {key: text for key, text in data_of(live).items() if key in keys}
    return Change(name, before, dict.fromkeys(before, ""), version=version_of(live))
