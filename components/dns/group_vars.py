"""What Kubespray itself is to render, so that its next run keeps the zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.dns.zones import AnyZone, ForwardedZone, HostsZone, rewrite_words


def kubespray_group_vars(zones: Sequence[AnyZone]) -> dict[str, Any]:
    """Return the variables that make Kubespray itself render the same zones.

    Without them its next run overwrites both ConfigMaps (the next `up` repairs that).
    Source: Kubespray docs/advanced/dns-stack.md.
    """
    entries = [
        {"zones": [zone.zone], "nameservers": _with_policy(zone), "cache": zone.cache_seconds}
        | ({"rewrite": [_kubespray_rewrite(*pair) for pair in zone.rewrite]} if zone.rewrite else {})
        for zone in zones
        if isinstance(zone, ForwardedZone)
    ]
    # A file for the plugin `hosts` in its blocks for `.` and for external zones, of both layers.
    lines = [
        f"{address} {zone.zone}\n"
        for zone in zones
        if isinstance(zone, HostsZone)
        for address in zone.addresses
    ]
    return (
        {"coredns_external_zones": entries, "nodelocaldns_external_zones": entries} if entries else {}
    ) | ({"dns_etchosts": "".join(lines)} if lines else {})


# Kubespray's template writes each rewrite, and the name servers one after the other, as they are given into
# an indented text block; lines of their own keep what it has no variable for, if they are indented deeper.
_DEEPER = " " * 12


def _with_policy(zone: ForwardedZone) -> list[str]:
    if not zone.policy:
        return list(zone.servers)
    *others, last = zone.servers
    return [*others, f"{last} {{\n{_DEEPER}policy {zone.policy}\n{_DEEPER}}}"]


def _kubespray_rewrite(name: str, target: str) -> str:
    lines = (" ".join(words) for words in rewrite_words(name, target))
    return "\n".join(["stop {", *(_DEEPER + line for line in (*lines, "}"))])
