"""DNS names and server addresses: what CoreDNS and Kubernetes accept, told before they refuse it."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from components.settings.base import mistake

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_SERVER = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[^:\[\]]+))(?::(?P<port>\d{1,5}))?")
_MAX_PORT = 65535


def is_host_name(name: str) -> bool:
    """Tell whether `name`, in lower case and without final dot, is a host name (RFC 1123)."""
    return bool(_NAME.fullmatch(name))


def require_host_name(name: str) -> str:
    """Return `name` in lower case without its final dot, if it is a host name (RFC 1123)."""
    normal = name.lower().removesuffix(".")
    if not is_host_name(normal):
        raise mistake(
            f"{name!r} is not a host name",
            "Kubernetes refuses it in hostAliases, and resolvers never ask for it",
            "use letters, digits and '-', in labels separated by dots, for example git.protobox",
        )
    return normal


def require_zone(zone: str) -> str:
    """Return `zone` in lower case without dots around it, if CoreDNS can forward it apart from the rest."""
    normal = zone.lower().strip(".")
    if not _NAME.fullmatch(normal):
        raise mistake(
            f"{zone!r} is not a DNS zone that can be forwarded",
            "the zone heads a server block in the Corefile, where ports, schemes and wildcards do not belong",
            "for git.protobox write protobox",
        )
    if normal == "cluster.local" or normal.endswith(".cluster.local"):
        raise mistake(
            f"{zone!r} belongs to the cluster itself",
            "forwarding it would take the names of all Services away from the whole cluster",
            "name the zone of the Git server, for example protobox",
        )
    return normal


def require_server(server: str) -> str:
    """Return `server` (`IP` or `IP:port`), if CoreDNS can forward to it without asking itself."""
    address, port = split_server(server)
    if address is None or (port is not None and not 0 < port <= _MAX_PORT):
        raise mistake(
            f"{server!r} is not an IP address, or IP:port",
            "CoreDNS cannot look up the name of its own name server, and then does not start",
            "write the server's IP, for example 192.168.1.7, 192.168.1.7:8600 or [fd00::7]:53",
        )
    if address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast:
        raise mistake(
            f"{server!r} is no server of its own: a loopback, link-local or unspecified address",
            "seen from a DNS pod it is the pod or its node, so that the query comes back for ever "
            "and takes the cluster's DNS with it",
            "write the address that the machine has in the site's network, for example 192.168.1.7",
        )
    return server


def split_server(server: str) -> tuple[IPv4Address | IPv6Address | None, int | None]:
    """Return the address and port in `server`; None where there is no valid one."""
    try:
        return ip_address(server), None
    except ValueError:
        match = _SERVER.fullmatch(server)
    if match is None:
        return None, None
    try:
        address = ip_address(match["v6"] or match["v4"])
    except ValueError:
        return None, None
    return address, int(match["port"]) if match["port"] else None


def with_port(server: str, port: int) -> str:
    """Return `server` as `IP:port`, with `port` if it has none of its own; what is no server, as it is."""
    address, own = split_server(server)
    if address is None or own is not None:
        return server
    return f"[{address}]:{port}" if isinstance(address, IPv6Address) else f"{address}:{port}"
