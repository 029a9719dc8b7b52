"""A DNS strategy as the program deploys it: before Argo CD, with its Release, and in the stack's outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pulumi
from pulumi import ResourceOptions

from components.dns.component import ClusterDNS, ClusterDnsArgs
from components.dns.coverage import by_address, uncovered
from components.dns.hosts.choice import HostsChoice
from components.dns.hosts.ssh import read_over_ssh
from components.dns.section import DnsSettings
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.dns.transform import forwarder_rules, host_aliases_transform, rules_transform
from components.dns.zones import AnyZone, ForwardedZone, HostsZone
from components.projects.application import Use
from components.sdk import warn
from components.stackfile.problems import PROJECT, SettingsError


@dataclass(frozen=True)
class Deployment:
    """The strategy of the stack file with what its hosts files have."""

    settings: DnsSettings
    found: HostsChoice
    """The hosts entries; none for a strategy that needs none."""
    hosts: tuple[str, ...] = ()
    """The names that have to resolve."""
    alert: bool = False
    """Whether Argo CD's Release brings Prometheus rules for the servers of the zones."""

    @cached_property
    def zones(self) -> tuple[AnyZone, ...]:
        """The zones for the cluster's DNS; none for hostAliases."""
        return self.settings.dns_zones(self.found)

    @cached_property
    def aliases(self) -> tuple[Mapping[str, Any], ...]:
        """The entries for `global.hostAliases` of the Release; none where the cluster's DNS has the names."""
        return self.settings.pod_entries(self.found)

    @property
    def release_transforms(self) -> list[pulumi.ResourceTransform]:
        """The transforms that Argo CD's component has to be declared with."""
        rules = forwarder_rules(self.zones, pulumi.get_stack()) if self.alert else []
        return [
            *([host_aliases_transform(self.aliases)] if self.aliases else []),
            *([rules_transform(rules)] if rules else []),
        ]

    def require_coverage(self, hosts: Mapping[str, Sequence[Use]], public: Collection[str]) -> None:
        """Make sure that every repository host will resolve; warn about those named by address.

        Raises:
            SettingsError: a host is covered by nothing.
        """
        covered = self.settings.covered(self.found)
        if covered is None:
            return
        if problems := uncovered(hosts, covered.zones, covered.names, public, self.found.absent):
            raise SettingsError(problems)
        warn(*by_address(hosts))

    def deploy(self, context: str, opts: ResourceOptions | None = None) -> list[pulumi.Resource]:
        """Declare what has to be in place before Argo CD; nothing if the Release carries it all."""
        dns = self.settings
        if not isinstance(dns, ClusterDnsSettings) or not self.zones:
            return []
        args = ClusterDnsArgs(self.zones, context, dns.nodelocaldns, dns.takes_over, self.hosts)
        return [ClusterDNS("dns", args, opts=opts)]

    def summary(self) -> dict[str, Any]:
        """Return the strategy for the stack's outputs."""
        zones = {zone.zone: list(zone.servers) for zone in self.zones if isinstance(zone, ForwardedZone)}
        hosts = {zone.zone: list(zone.addresses) for zone in self.zones if isinstance(zone, HostsZone)}
        return (
            {"strategy": self.settings.strategy}
            | ({"zones": zones} if zones else {})
            | ({"hosts": hosts} if hosts else {})
            | ({"hostAliases": [dict(alias) for alias in self.aliases]} if self.aliases else {})
        )


def dns_strategy(
    settings: DnsSettings, repository_hosts: Iterable[str], *, alert: bool = False
) -> Deployment:
    """Return the strategy that the stack file chooses, ready to be deployed.

    `repository_hosts` have to resolve, and select the entries of a hosts file; `alert` lets Prometheus tell
    when a server of the zones fails.

    Raises:
        SettingsError: a hosts file cannot be read.
    """
    hosts = tuple(repository_hosts)
    found = settings.read_entries(hosts, read_over_ssh)
    chosen = Deployment(settings, found, hosts, alert)
    if alert and not any(zone.servers for zone in chosen.zones):
        warn(
            f"{PROJECT}:argocd.metrics.dnsRule: the strategy {settings.strategy} forwards no zone, so that "
            "there is no name server to watch, and no rule is made. Take it out, or choose dnsmasq or consul"
        )
    warn(*found.warnings)
    return chosen
