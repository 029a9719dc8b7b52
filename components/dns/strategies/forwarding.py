"""The strategies that forward a zone from the cluster's DNS to a server: `dnsmasq` and `consul`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from components.dns.hosts.choice import HostsChoice
from components.dns.proof.question import Host
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.dns.strategies.dns_strategy import Covered
from components.dns.zones import ForwardedZone, in_zone
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.host_names import DNS_PORT, HostName, Server, Zone, require_zone, with_port
from components.stackfile.problems import Problem

MAX_SERVERS = 15
"""CoreDNS's `forward` takes no more targets."""

Policy = Literal["random", "round_robin", "sequential"]


class ZoneSettings(Section):
    """One zone that differs from the others. A zone like the others is just its name."""

    zone: Zone = Field(examples=["protobox"])
    """The zone's name."""
    servers: list[Server] = Field(default_factory=list, max_length=MAX_SERVERS, examples=[["192.168.1.8"]])
    """The name servers of this zone, in place of those of the section."""
    policy: Policy | None = None
    """Which of several servers is asked, in place of the section's policy."""


def _zone(value: Any) -> Any:
    """Read a zone that is just a name as `{zone: name}`."""
    return {"zone": require_zone(value)} if isinstance(value, str) else value


class ForwardSettings(ClusterDnsSettings):
    """What the strategies have in common that forward a zone from the cluster's DNS to a server."""

    zones: list[
        Annotated[ZoneSettings, BeforeValidator(_zone, json_schema_input_type=Zone | ZoneSettings)]
    ] = Field(min_length=1, examples=[["protobox"]], json_schema_extra={"uniqueItems": True})
    """The DNS zones to forward: for git.protobox the zone is `protobox`. A zone with servers of its own is
    written as `{zone: lab, servers: [192.168.1.8]}`."""
    servers: list[Server] = Field(default_factory=list, max_length=MAX_SERVERS, examples=[["192.168.1.7"]])
    """The name servers that know these zones, as `IP` or `IP:port`, at most 15."""
    policy: Policy | None = None
    """Which of several servers is asked: `random` (CoreDNS's default), `round_robin`, or `sequential` when
    the second one is a backup."""

    @model_validator(mode="after")
    def _every_zone_has_servers_and_stands_once(self) -> Self:
        names = [zone.zone for zone in self.zones]
        if double := next((name for name in names if names.count(name) > 1), None):
            second = len(names) - 1 - names[::-1].index(double)
            what = f"the zone {double!r} stands twice"
            why = "CoreDNS refuses two server blocks for one zone, and then does not start"
            raise mistakes([Problem(("zones", second), what, why, "take one out")])
        if not self.servers and (bare := [zone.zone for zone in self.zones if not zone.servers]):
            raise mistake(
                f"no servers for the zone {', '.join(bare)}",
                "the zone would be forwarded to nobody",
                "add the name servers that know it, for example servers: [192.168.1.7]",
            )
        return self

    @property
    def default_port(self) -> int | None:
        """The port of servers that name none; None leaves it to CoreDNS."""
        return None

    @property
    def rewritten(self) -> Mapping[str, str]:
        """Names to ask the servers for under another name."""
        return {}

    def dns_zones(self, found: HostsChoice) -> tuple[ForwardedZone, ...]:  # noqa: ARG002 - it needs none
        """Return the zones to forward."""
        port = self.default_port
        return tuple(
            ForwardedZone(
                each.zone,
                tuple(with_port(server, port) if port else server for server in each.servers or self.servers),
                self.cache_seconds,
                tuple((name, target) for name, target in self.rewritten.items() if in_zone(name, each.zone)),
                each.policy or self.policy or "",
            )
            for each in self.zones
        )

    def covered(self, found: HostsChoice) -> Covered:  # noqa: ARG002 - it needs none
        """Return the zones."""
        return Covered(zones=[zone.zone for zone in self.zones])

    def to_prove(self, host: str, found: HostsChoice) -> Host | None:
        """Return the servers of the longest zone of `host`: to that one CoreDNS gives the question."""
        zones = [zone for zone in self.dns_zones(found) if in_zone(host, zone.zone)]
        if not zones:
            return None
        zone = max(zones, key=lambda zone: len(zone.zone))
        servers = tuple(with_port(server, DNS_PORT) for server in zone.servers)
        return Host(host, servers=servers, asked_as=dict(zone.rewrite).get(host, ""))


class DnsmasqSettings(ForwardSettings):
    """Forward the zones to dnsmasq, which answers from its machine's /etc/hosts."""

    strategy: Literal["dnsmasq"]
    """dnsmasq"""

    in_wizard: ClassVar[str] = (
        "the cluster's DNS forwards a zone to dnsmasq, or to any DNS server on the site"
    )


class ConsulSettings(ForwardSettings):
    """Forward the zones to Consul's DNS."""

    strategy: Literal["consul"]
    """consul"""
    port: int = Field(default=8600, ge=1, le=65535)
    """The port of Consul's DNS, for servers that name none."""
    rewrite: dict[HostName, HostName] = Field(
        default_factory=dict, examples=[{"git.protobox": "git.service.consul"}]
    )
    """Names to ask Consul for under another name: Consul knows a service as `git.service.consul`,
    never as `git.protobox`. Each of them lies in one of the zones."""

    in_wizard: ClassVar[str] = "the same, to Consul's DNS on port 8600"

    @model_validator(mode="after")
    def _every_rewrite_lies_in_a_zone(self) -> Self:
        zones = [zone.zone for zone in self.zones]
        outside = [name for name in self.rewrite if not any(in_zone(name, zone) for zone in zones)]
        if outside:
            raise mistakes([_outside(name, zones) for name in outside])
        return self

    @property
    def default_port(self) -> int:
        """The port of Consul's DNS."""
        return self.port

    @property
    def rewritten(self) -> Mapping[str, str]:
        """As the stack file says."""
        return self.rewrite


def _outside(name: str, zones: Sequence[str]) -> Problem:
    return Problem(
        ("rewrite", name),
        f"the name {name!r} is in none of the forwarded zones ({', '.join(zones)})",
        "its questions never come to Consul, so that the rewrite would do nothing without a word",
        f"add a zone that has it to protobox-cd:dns.zones, for example {name}, or take this line out",
    )
