"""The component that keeps zones in the cluster's DNS: CoreDNS and the node-local cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi.dynamic import Resource

from components.dns.change import ALSO, NAMESPACE, as_props, required_layers
from components.dns.provider import CorefileZonesProvider
from components.dns.zones import AnyZone


class CorefileZones(Resource, module="coredns", name="CorefileZones"):
    """This stack's zones in the Corefiles of one ConfigMap."""

    present: pulumi.Output[bool]
    owned: pulumi.Output[dict[str, list[str]]]
    left: pulumi.Output[dict[str, list[str]]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions | None = None) -> None:
        # Outputs are declared by their absence: the engine fills in what the provider returns.
        declared = dict.fromkeys(("present", "owned", "left", "written", "warnings", "edits", "original"))
        super().__init__(CorefileZonesProvider(), name, {**declared, **props}, opts)


@dataclass(frozen=True)
class ClusterDnsArgs:
    """What to answer, and where."""

    zones: Sequence[AnyZone]
    context: str
    nodelocaldns: str = "auto"
    """`auto`, `require` or `skip`."""
    takes_over: Sequence[str] = ()
    """Names of others whose answers may change."""
    hosts: Sequence[str] = ()
    """The names that have to resolve."""


class ClusterDNS(pulumi.ComponentResource):
    """The zones in both DNS layers of the cluster.

    The node-local cache is edited too, since it answers the pods and forwards everything outside
    `cluster.local` to the node's own name servers, never to CoreDNS.

    Attributes:
        layers: layer name → its resource.
    """

    layers: dict[str, CorefileZones]

    def __init__(self, name: str, args: ClusterDnsArgs, *, opts: ResourceOptions | None = None) -> None:
        super().__init__("protobox-cd:dns:ClusterDNS", name, None, opts)
        required = required_layers(args.nodelocaldns)
        names = {layer: [layer, *ALSO.get(layer, [])] for layer in required}
        self.layers = {
            layer: CorefileZones(
                layer,
                {
                    "context": args.context,
                    "namespace": NAMESPACE,
                    "name": layer,
                    "stack": pulumi.get_stack(),
                    "zones": [as_props(zone) for zone in args.zones],
                    "also": names[layer][1:],
                    "required": needed,
                    "takesOver": list(args.takes_over),
                    "hosts": sorted(args.hosts),
                    "elsewhere": [names[other] for other in names if other != layer],
                },
                ResourceOptions(parent=self),
            )
            for layer, needed in required.items()
        }
        self.register_outputs({})
