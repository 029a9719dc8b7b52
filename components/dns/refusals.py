"""Why a DNS layer is not edited, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from components.cluster.errors import ClusterError
from components.dns.change import Layer, Remembered
from components.dns.corefile import CorefileError
from components.dns.distributions import Distribution
from components.dns.leading_in import Taken
from components.dns.zones import AnyZone


def takes_away(layer: Layer, zones: Sequence[AnyZone], taken: Sequence[Taken]) -> ClusterError:
    """Return the refusal to change answers of others that the stack file does not give up."""
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


def belongs_to(distribution: Distribution, zones: Sequence[AnyZone]) -> ClusterError:
    """Return the refusal to edit what another owner would undo."""
    return ClusterError(
        f"this cluster's DNS belongs to {distribution.name}, so it is not edited; nothing was written",
        f"{distribution.reason}, and the zone would be gone without a word",
        f"do it the owner's way, then choose protobox-cd:dns.strategy: none\n{distribution.recipe(zones)}",
    )


@contextmanager
def with_its_place(layer: Layer, key: str, known: Remembered) -> Iterator[None]:
    """Tell a Corefile that cannot be edited with its place, and what helps."""
    try:
        yield
    except CorefileError as error:
        mend = error.fix or f"mend the Corefile ({layer.edit_command}) and run this again"
        # Another strategy takes our blocks out of the Corefile, which fails in the same way.
        other = ", or leave the cluster's DNS alone with protobox-cd:dns.strategy: hostAliases"
        raise ClusterError(
            f"{layer}, key {key}: {error}; nothing was written",
            "an edit that is not certain could take down the cluster's DNS at the next start of a pod",
            mend if known.owned else mend + other,
        ) from None


def nothing_cut(layer: Layer, key: str, error: CorefileError, zones: Sequence[str]) -> ClusterError:
    """Return the refusal to take our blocks out of a Corefile that cannot be read."""
    return ClusterError(
        f"{layer}, key {key}: {error}; nothing was cut out of it",
        "a cut that is not certain could take down the cluster's DNS at the next start of a pod",
        f"mend the Corefile ({layer.edit_command}) and run this again; or let go of it, and cut the block "
        f"for {', '.join(zones)} and the comment above it out by hand:\n {layer.forget_command}",
    )
