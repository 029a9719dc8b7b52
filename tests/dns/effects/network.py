"""The addresses of the private network, and which name server is played on each of them.

Who answered shows in the answer: each name server has an address of its own in 198.18.0.0/15 for every
name. Two servers that are meant to stand for one another answer alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LISTENING = ("169.254.25.10", "169.254.20.10", "10.96.0.10", "10.0.0.53", "10.0.0.54", "fd00::53")
"""Addresses of the interface `lo` on which a Corefile may listen, beside 127.0.0.1 and ::1."""
INTERFACE = "eth0"
INTERFACE_ADDRESSES = ("10.0.2.15", "172.18.0.5")
SERVICE = "10.96.0.10"
"""The one of them that is asked where a Corefile listens on every address."""
PODS, ELSEWHERE = "10.244.1.5", "172.16.0.9"
"""Where questions come from; the second one only where a Corefile tells its clients apart."""

RESOLV_CONF = "192.0.2.53"
PUBLIC = (RESOLV_CONF, "8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9", "67.207.67.2", "67.207.67.3")
PUBLIC_ZONES = ("example.com", "example.org", "example.net", "github.com")
"""What the public name servers know; no zone that is forwarded may be among or below these, since nobody
can see from a Corefile what its upstream knows."""
CLUSTER_DNS = ("10.233.0.3", "10.96.211.45")
STUBS = (("10.0.0.10", "10.0.0.11"), ("10.0.0.20",), ("10.0.0.30",), ("1.2.3.4",))
FORWARDED = (("192.168.1.7", "192.168.1.8"), ("10.10.0.53",), ("fd00::7",))
NODE_LOCAL_FORWARDED = "169.254.25.10:5300"
"""A name server of a zone on the address of the node-local cache, and on another port."""
PORTS = (53, 5353, 8600)


@dataclass(frozen=True)
class Upstream:
    """Name servers that answer alike."""

    addresses: tuple[str, ...]
    mark: str
    """The address that they answer for each name."""
    zones: tuple[str, ...] = (".",)
    """What they know; for all other names they answer NXDOMAIN."""
    ports: tuple[int, ...] = (53,)


def upstreams() -> tuple[Upstream, ...]:
    """Return all name servers that are played."""
    return (
        Upstream(PUBLIC, "198.18.0.1", PUBLIC_ZONES),
        Upstream(CLUSTER_DNS, "198.18.1.1"),
        *(Upstream(group, f"198.18.2.{number}") for number, group in enumerate(STUBS, 1)),
        *(
            Upstream(group, f"198.18.{place}.{number}", ports=(port,))
            for place, port in enumerate(PORTS, 3)
            for number, group in enumerate(FORWARDED, 1)
        ),
        Upstream(("169.254.25.10",), "198.18.3.9", ports=(5300,)),
    )


def mark_of(server: str) -> str:
    """Return the address that `server` (`IP` or `IP:port`) answers, "" if nobody is played there."""
    bare, _, port = server.rpartition(":") if "]:" in server or server.count(":") == 1 else (server, "", "53")
    for upstream in upstreams():
        if bare.strip("[]") in upstream.addresses and int(port) in upstream.ports:
            return upstream.mark
    return ""


def upstream_corefile() -> str:
    """Return the Corefile of the CoreDNS that plays all name servers."""
    return "\n".join(line for upstream in upstreams() for line in _blocks(upstream)) + "\n"


def _blocks(upstream: Upstream) -> Iterator[str]:
    six = "2001:db8::" + upstream.mark.replace(".", ":")
    name = f"host-{upstream.mark.replace('.', '-')}.example."
    for port in upstream.ports:
        yield f".:{port} {{"
        yield f"  bind {' '.join(upstream.addresses)}"
        for zone in upstream.zones:
            yield f'  template IN A {zone} {{\n    answer "{{{{ .Name }}}} 60 IN A {upstream.mark}"\n  }}'
            yield f'  template IN AAAA {zone} {{\n    answer "{{{{ .Name }}}} 60 IN AAAA {six}"\n  }}'
            yield f'  template IN PTR {zone} {{\n    answer "{{{{ .Name }}}} 60 IN PTR {name}"\n  }}'
            yield f"  template ANY ANY {zone} {{\n    rcode NOERROR\n  }}"
        if upstream.zones != (".",):
            yield "  template ANY ANY . {\n    rcode NXDOMAIN\n  }"
        yield "}"
