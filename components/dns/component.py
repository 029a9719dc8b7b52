"""The component that forwards zones in the cluster's DNS: CoreDNS and the node-local cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi.dynamic import Resource

from components.dns.provider import CorefileZonesProvider
from components.dns.zones import ForwardedZone

NAMESPACE = "kube-system"
ALSO = {"nodelocaldns": ["node-local-dns"]}
"""The name that the Kubernetes project's own node-local cache gives to its ConfigMap."""


class CorefileZones(Resource, module="coredns", name="CorefileZones"):
    """The forwarded zones in the Corefiles of one ConfigMap."""

    present: pulumi.Output[bool]
    owned: pulumi.Output[dict[str, list[str]]]
    left: pulumi.Output[dict[str, list[str]]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions | None = None) -> None:
        # Outputs are declared by their absence: the engine fills in what the provider returns.
        declared = dict.fromkeys(("present", "owned", "left", "edits", "original"))
        super().__init__(CorefileZonesProvider(), name, {**declared, **props}, opts)


class ClusterDNS(pulumi.ComponentResource):
    """The zones in both DNS layers of the cluster.

    The node-local cache is edited too, since it answers the pods and forwards everything outside
    `cluster.local` to the node's own name servers, never to CoreDNS.

    Attributes:
        layers: layer name → its resource.
    """

    layers: dict[str, CorefileZones]

    def __init__(
        self,
        name: str,
        zones: Sequence[ForwardedZone],
        *,
        context: str,
        nodelocaldns: str,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("protobox-cd:dns:ClusterDNS", name, None, opts)
        required = {"coredns": True, "nodelocaldns": nodelocaldns == "require"}
        if nodelocaldns == "skip":
            del required["nodelocaldns"]
        self.layers = {
            layer: CorefileZones(
                layer,
                {
                    "context": context,
                    "namespace": NAMESPACE,
                    "name": layer,
                    "stack": pulumi.get_stack(),
                    "zones": [_zone(zone) for zone in zones],
                    "also": ALSO.get(layer, []),
                    "required": needed,
                },
                ResourceOptions(parent=self),
            )
            for layer, needed in required.items()
        }
        self.register_outputs({})


def _zone(zone: ForwardedZone) -> dict[str, Any]:
    return {
        "zone": zone.zone,
        "servers": list(zone.servers),
        "cacheSeconds": zone.cache_seconds,
        "rewrite": dict(zone.rewrite),
        "policy": zone.policy,
    }
