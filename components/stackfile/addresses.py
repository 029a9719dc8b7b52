"""IP addresses in hosts entries: one spelling for each, and those that mean nothing in a pod."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

_NO_MACHINE = [
    (ip_network(network), reason)
    for reason, networks in {
        "which in a pod is the pod itself": ["127.0.0.0/8", "::1/128"],
        "which is no machine's address": ["0.0.0.0/8", "::/128", "240.0.0.0/4", "fe00::/9"],
        "a link-local address, which means another machine on each network": ["169.254.0.0/16", "fe80::/10"],
        "a multicast address, which is no machine's own": ["224.0.0.0/4", "ff00::/8"],
    }.items()
    for network in networks
]
"""Addresses that do not mean in a pod what they mean on a host. fe00:: is Debian's `ip6-localnet`."""


def is_ip(host: str) -> bool:
    """Tell whether `host` is an IP address and so needs no name resolution."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def canonical_ip(address: str) -> str:
    """Return `address` in its one usual spelling: `FD00::0:7` is `fd00::7`, `::ffff:1.2.3.4` is `1.2.3.4`.

    What is no address is returned as it is.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str((ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip)


def not_for_a_pod(address: str) -> str:
    """Return why a pod reaches no other machine at the valid `address`, to go on after it; "" if it may."""
    if "%" in address:
        return "an address with a zone, which only its own machine understands"
    ip = ip_address(canonical_ip(address))
    return next((reason for network, reason in _NO_MACHINE if ip in network), "")
