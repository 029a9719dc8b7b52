"""The `dns` section: how the private Git server's name is made to resolve for Argo CD."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, TypeGuard

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from components.dns.hosts.section import HostsSettings
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.host_names import HostName, Server, Zone, require_zone
from components.stackfile.problems import Problem

MAX_SERVERS = 15
"""CoreDNS's `forward` takes no more targets."""


Policy = Literal["random", "round_robin", "sequential"]


def _require_taken(value: str) -> str:
    name = value.removeprefix("*.")
    require_zone(name)
    return value.lower().rstrip(".")


TakenName = Annotated[str, AfterValidator(_require_taken)]
"""A name, or `*.` and a zone."""


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


class VerifiedSettings(Section):
    """What all strategies have in common whose effect can be verified."""

    verify: bool = True
    """Whether each `up` that changes DNS or hosts entries proves, in the pod that dials Git, that the names
    resolve, before it declares the Applications. Needs `kubectl` on the machine that runs Pulumi."""
    verify_seconds: int = Field(default=180, ge=1, le=3600)
    """How long that is tried, in seconds: CoreDNS reads a changed Corefile after 30 to 160 seconds."""


class ClusterDnsSettings(VerifiedSettings):
    """What the strategies have in common that write into the cluster's DNS."""

    nodelocaldns: Literal["auto", "require", "skip"] = "auto"
    """Kubespray's node-local DNS cache answers the pods and never asks CoreDNS for such a zone, so it
    is edited too: `auto` where it exists, `require` fails without it, `skip` never touches it."""
    takes_over: list[TakenName] = Field(default_factory=list, examples=[["registry.protobox"]])
    """Names that somebody else in the cluster's DNS answers today (`hosts`, `rewrite`, a parent zone …), and
    that this stack may answer instead; `*.lab.protobox` is that name and all below it. A preview
    that finds such names stops, and lists them as they have to stand here."""
    cache_seconds: int = Field(default=30, ge=1, le=3600)
    """How long answers are kept, in seconds, also the answer that a name does not exist."""


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


class DnsmasqSettings(ForwardSettings):
    """Forward the zones to dnsmasq, which answers from its machine's /etc/hosts."""

    strategy: Literal["dnsmasq"]
    """dnsmasq"""


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

    @model_validator(mode="after")
    def _every_rewrite_lies_in_a_zone(self) -> Self:
        zones = [zone.zone for zone in self.zones]
        outside = [
            name for name in self.rewrite if not any(f".{name}".endswith(f".{zone}") for zone in zones)
        ]
        if outside:
            raise mistakes([_outside(name, zones) for name in outside])
        return self


def _outside(name: str, zones: Sequence[str]) -> Problem:
    return Problem(
        ("rewrite", name),
        f"the name {name!r} is in none of the forwarded zones ({', '.join(zones)})",
        "its questions never come to Consul, so that the rewrite would do nothing without a word",
        f"add a zone that has it to protobox-cd:dns.zones, for example {name}, or take this line out",
    )


class HostsStrategySettings(ClusterDnsSettings):
    """Let the cluster's DNS itself answer the names of hosts entries, for every pod, without a DNS server."""

    strategy: Literal["hosts"]
    """hosts"""
    hosts: HostsSettings = Field(
        default_factory=HostsSettings, examples=[{"entries": {"192.168.1.7": ["git.protobox"]}}]
    )
    """The hosts entries: the machine's own /etc/hosts by default. Each name becomes a zone of its own, so
    that no other name's answer changes."""


class HostAliasesSettings(VerifiedSettings):
    """Put hosts entries into Argo CD's pods; the cluster's DNS is not touched."""

    strategy: Literal["hostAliases"]
    """hostAliases"""
    hosts: HostsSettings = Field(
        default_factory=HostsSettings, examples=[{"ssh": {"host": "supervisor-1", "user": "supervisor"}}]
    )
    """The hosts entries: the machine's own /etc/hosts by default."""


class NoneSettings(Section):
    """Do nothing: every repository host already resolves in the cluster."""

    strategy: Literal["none"]
    """none"""


DnsSettings = Annotated[
    ConsulSettings | DnsmasqSettings | HostsStrategySettings | HostAliasesSettings | NoneSettings,
    Field(discriminator="strategy"),
]


def is_proven(dns: Section) -> TypeGuard[VerifiedSettings]:
    """Tell whether `up` has to prove that the names resolve, as the `dns` section says."""
    return isinstance(dns, VerifiedSettings) and dns.verify
