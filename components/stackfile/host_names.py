"""DNS names and server addresses: what CoreDNS and Kubernetes accept, told before they refuse it."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator

from components.stackfile.base import mistake
from components.stackfile.forms import IPV4, IPV6, NAME, PORT, Form
from components.stackfile.problems import without_login

HOST_NAME = Form(
    rf"(?=.{{1,253}}\.?$){NAME}\.?",
    "{} is not a host name",
    "Kubernetes refuses it in hostAliases, and resolvers never ask for it",
    "write the name that the site's DNS has, for example git.protobox",
)
_ZONE = Form(
    rf"(?=\.?.{{1,253}}\.?$)\.?{NAME}\.?",
    "{} is not a DNS zone that can be forwarded",
    "the zone heads a server block in the Corefile, where ports, schemes and wildcards do not belong",
    lambda zone: f"write {_nearest_zone(zone)}",
)
_SERVER_FORM = Form(
    rf"{IPV4}(:{PORT})?|{IPV6}|\[{IPV6}\](:{PORT})?",
    "{} is not an IP address, or IP:port",
    "CoreDNS cannot look up the name of its own name server, and then does not start",
    "write the server's IP, for example 192.168.1.7, 192.168.1.7:8600 or [fd00::7]:53",
)
DNS_PORT = 53
_THIS_NETWORK = ip_network("0.0.0.0/8")
_SERVER = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[^:\[\]]+))(?::(?P<port>\d{1,5}))?")


def is_host_name(name: str) -> bool:
    """Tell whether `name`, in lower case and without final dot, is a host name (RFC 1123)."""
    return HOST_NAME.fits(name) and name == name.lower() and not name.endswith(".")


def require_host_name(name: str) -> str:
    """Return `name` in lower case without its final dot, if it is a host name (RFC 1123)."""
    return HOST_NAME.require(name).lower().removesuffix(".")


def require_zone(zone: str) -> str:
    """Return `zone` in lower case without dots around it, if CoreDNS can forward it apart from the rest."""
    normal = zone.lower().removeprefix(".").removesuffix(".")
    if _is_of_cluster(normal):
        raise mistake(
            f"{zone!r} belongs to the cluster itself",
            "forwarding it would take the names of all Services away from the whole cluster",
            "write the zone of the Git server, for example protobox",
        )
    if _is_of_address(normal):
        raise mistake(
            f"{zone!r} is a piece of an IP address",
            "nobody asks a name server for it, and what is named by its address needs no zone",
            "write the zone of the Git server's name: for git.protobox that is for example protobox",
        )
    _ZONE.require(zone)
    return normal


def _is_of_cluster(zone: str) -> bool:
    return f".{zone}".endswith(".cluster.local")


def _is_of_address(zone: str) -> bool:
    """Tell whether `zone` is a piece of an IP address: no first level is a number (RFC 3696, section 2)."""
    return re.fullmatch(r"([^.]+\.)*[0-9]+", zone) is not None


def _nearest_zone(zone: str) -> str:
    """Return the zone that is probably meant by a text with a scheme, a port or a wildcard."""
    bare = re.sub(r"^[a-z]+://|[:/].*$|[^-a-z0-9.:/]", "", without_login(zone).lower()).strip(".-")
    usable = _ZONE.fits(bare) and not (_is_of_cluster(bare) or _is_of_address(bare))
    return bare if usable else "protobox"


def require_server(server: str) -> str:
    """Return `server` (`IP` or `IP:port`), if CoreDNS can forward to it without asking itself."""
    address, port = split_server(server)
    special = address and (
        address.is_loopback
        or (address.is_link_local and port in {None, DNS_PORT})  # at another port it is no resolver of ours
        or address.is_multicast
        or address.is_unspecified
        or address in _THIS_NETWORK
    )
    if special:
        raise mistake(
            f"{server!r} is no server of its own: a loopback, link-local or unspecified address",
            "seen from a DNS pod it is the pod or its node, so that the query comes back for ever "
            "and takes the cluster's DNS with it",
            "write the address that the machine has in the site's network, for example 192.168.1.7",
        )
    return _SERVER_FORM.require(server)


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
    address, own_port = split_server(server)
    if address is None or own_port is not None:
        return server
    return f"[{address}]:{port}" if isinstance(address, IPv6Address) else f"{address}:{port}"


HostName = Annotated[str, AfterValidator(require_host_name), HOST_NAME]
Zone = Annotated[str, AfterValidator(require_zone), _ZONE]
Server = Annotated[str, AfterValidator(require_server), _SERVER_FORM]
