"""The zones for the cluster's DNS that a stack file declares, by forwarding or from hosts entries."""

from __future__ import annotations

from collections.abc import Iterable

from components.dns.hosts.choice import HostsChoice, choose
from components.dns.hosts.ssh import read_over_ssh
from components.dns.section import ClusterDnsSettings, ForwardSettings, HostsStrategySettings
from components.dns.zones import AnyZone, forwarded_zones, hosts_zones


def cluster_dns_zones(settings: ClusterDnsSettings, repository_hosts: Iterable[str]) -> tuple[AnyZone, ...]:
    """Return what the cluster's DNS is to answer, for tools beside Pulumi.

    Raises:
        SettingsError: a hosts file cannot be read.
    """
    found = HostsChoice(())
    if isinstance(settings, HostsStrategySettings):
        found = choose(settings.hosts, repository_hosts, read_over_ssh)
    return zones_from(settings, found)


def zones_from(settings: ClusterDnsSettings, found: HostsChoice) -> tuple[AnyZone, ...]:
    """Return the zones of `settings`; those of hosts entries from `found`."""
    if isinstance(settings, ForwardSettings):
        return forwarded_zones(settings)
    return hosts_zones(found.entries, settings.cache_seconds)
