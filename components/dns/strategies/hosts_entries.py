"""The strategies that take names from hosts entries: `hosts` and `hostAliases`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from components.dns.hosts.choice import HostsChoice
from components.dns.hosts.entries import host_aliases
from components.dns.hosts.section import HostsSettings
from components.dns.proof.question import Host
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.dns.strategies.dns_strategy import VerifiedSettings
from components.dns.zones import HostsZone, hosts_zones


class HostsStrategySettings(ClusterDnsSettings):
    """Let the cluster's DNS itself answer the names of hosts entries, for every pod, without a DNS server."""

    strategy: Literal["hosts"]
    """hosts"""
    hosts: HostsSettings = Field(
        default_factory=HostsSettings, examples=[{"entries": {"192.168.1.7": ["git.protobox"]}}]
    )
    """The hosts entries: the machine's own /etc/hosts by default. Each name becomes a zone of its own, so
    that no other name's answer changes."""

    in_wizard: ClassVar[str] = (
        "the cluster's DNS itself has the name and its address, for every pod; no DNS server is needed"
    )
    as_the_root_block: ClassVar[str] = "its port and `bind`, and its `forward`"

    @property
    def hosts_section(self) -> HostsSettings:
        """As the stack file says."""
        return self.hosts

    def dns_zones(self, found: HostsChoice) -> tuple[HostsZone, ...]:
        """Return a zone for each name."""
        return hosts_zones(found.entries, self.cache_seconds)

    def to_prove(self, host: str, found: HostsChoice) -> Host | None:
        """Return the addresses that the cluster's DNS has to answer."""
        zones = self.dns_zones(found)
        return next((Host(host, answers=zone.addresses) for zone in zones if zone.zone == host), None)


class HostAliasesSettings(VerifiedSettings):
    """Put hosts entries into Argo CD's pods; the cluster's DNS is not touched."""

    strategy: Literal["hostAliases"]
    """hostAliases"""
    hosts: HostsSettings = Field(
        default_factory=HostsSettings, examples=[{"ssh": {"host": "supervisor-1", "user": "supervisor"}}]
    )
    """The hosts entries: the machine's own /etc/hosts by default."""

    in_wizard: ClassVar[str] = (
        "Argo CD's pods get the name in their /etc/hosts; the cluster's DNS is not touched"
    )

    @property
    def hosts_section(self) -> HostsSettings:
        """As the stack file says."""
        return self.hosts

    def pod_entries(self, found: HostsChoice) -> tuple[Mapping[str, Any], ...]:
        """Return the entries, one for each address."""
        return tuple(host_aliases(found.entries))

    def to_prove(self, host: str, found: HostsChoice) -> Host | None:
        """Return the addresses that the pod's hosts file has to have."""
        addresses = tuple(alias["ip"] for alias in self.pod_entries(found) if host in alias["hostnames"])
        return Host(host, addresses=addresses) if addresses else None
