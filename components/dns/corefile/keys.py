"""What the keys of a server block mean: transport, zone and port, normalised as CoreDNS does it.

Sources: coredns/coredns `core/dnsserver/register.go` and `plugin/normalize.go`. `protobox`,
`PROTOBOX.` and `dns://protobox:53` are one and the same key.
"""

from __future__ import annotations

import math
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

DNS_PORT = 53
_DEFAULT_PORTS = {
    "dns": DNS_PORT,
    "tls": 853,
    "quic": 853,
    "grpc": 443,
    "https": 443,
    "https3": 443,
    "unix": 0,
}
_TRANSPORT = re.compile(rf"({'|'.join(_DEFAULT_PORTS)})://")
_PORT = re.compile(r":([+-]?[0-9]+)\Z")
_NETWORK = re.compile(r"[^/%]+/[0-9]+")  # no netmask and no interface, unlike Python's own notation
_LAST_PORT = 65535
_MAX_ZONE = 255
_MAX_LABEL = 63


class ZoneKey(NamedTuple):
    """One zone that a server block answers for, on one port."""

    zone: str
    """Fully qualified and lower case: `protobox.`; the root is `.`."""
    port: int = DNS_PORT
    transport: str = "dns"

    @property
    def name(self) -> str:
        """The zone without its final dot; the root is `.`."""
        return self.zone.rstrip(".") or "."

    def __str__(self) -> str:
        prefix = "" if self.transport == "dns" else f"{self.transport}://"
        return f"{prefix}{self.name}:{self.port}"


def depends_on_environment(word: str) -> bool:
    """Tell whether `word` holds `{$NAME}` or `{%NAME%}`, which only CoreDNS itself can resolve."""
    return "{$" in word or "{%" in word


def zone_keys(key: str) -> tuple[ZoneKey, ...]:
    """Return what one written key stands for: one zone, or several for a CIDR off the octet.

    Raises:
        ValueError: CoreDNS would refuse the key; the text says why.
    """
    match = _TRANSPORT.match(key)
    transport = match.group(1) if match else "dns"
    rest = key[match.end() :] if match else key
    if not rest or rest.endswith(":"):
        raise ValueError(f"the server-block key {key!r} ends where a zone or port is expected")
    port = _DEFAULT_PORTS[transport]
    if found := _PORT.search(rest):
        port, rest = int(found.group(1)), rest[: found.start()]
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(f"the server-block key {key!r} names a port that does not exist")
    _require_domain_name(rest, key)
    return tuple(ZoneKey(zone, port, transport) for zone in _zones(rest))


def _zones(name: str) -> list[str]:
    try:
        network = ip_network(name, strict=False) if _NETWORK.fullmatch(name) else None
    except ValueError:
        network = None
    if network is None:
        return [name.lower().rstrip(".") + "."]
    if ":" in name and name[0] in ":0":
        raise ValueError(f"CoreDNS does not take the network in the server-block key {name!r}")
    return _reverse_zones(network)


def _reverse_zones(network: IPv4Network | IPv6Network) -> list[str]:
    """Return the reverse zones that `network` is made of: 8 bits of an address are a label, 4 for IPv6."""
    bits = 8 if network.version == 4 else 4  # noqa: PLR2004 - the IP version
    labels = math.ceil(network.prefixlen / bits)
    hidden = network.max_prefixlen // bits - labels
    pointers = (net.network_address.reverse_pointer for net in network.subnets(new_prefix=labels * bits))
    return [".".join(pointer.split(".")[hidden:]) + "." for pointer in pointers]


def _require_domain_name(name: str, key: str) -> None:
    """Refuse what is no domain name for CoreDNS, and escapes, which nobody needs in a zone's name."""
    bare = name.removesuffix(".")
    if len(bare.encode()) >= _MAX_ZONE:
        raise ValueError(f"the server-block key {key[:40]!r}… is longer than {_MAX_ZONE} characters")
    labels = bare.split(".") if name != "." else []
    too_short_or_long = any(not label or len(label.encode()) > _MAX_LABEL for label in labels)
    # CoreDNS 1.9 miscounts the bytes of a last character beyond ASCII and then refuses the name.
    if too_short_or_long or "\\" in name or not bare[-1:].isascii():
        raise ValueError(f"the server-block key {key!r} is not a domain name")
