"""The choice of a DNS strategy: from settings to what the program deploys and what it covers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi import ResourceOptions

from components.cluster.warnings import warn
from components.dns.alerts import forwarder_rules
from components.dns.component import ClusterDNS, ClusterDnsArgs
from components.dns.coverage import by_address, uncovered
from components.dns.declared_zones import zones_from
from components.dns.hosts.choice import HostsChoice, choose
from components.dns.hosts.entries import host_aliases
from components.dns.hosts.ssh import read_over_ssh
from components.dns.section import (
    ClusterDnsSettings,
    DnsSettings,
    ForwardSettings,
    HostAliasesSettings,
    HostsStrategySettings,
)
from components.dns.transform import host_aliases_transform, rules_transform
from components.dns.zones import (
    AnyZone,
    ForwardedZone,
    HostsZone,
    rewrite_words,
)
from components.projects.application import Use
from components.stackfile.base import PROJECT
from components.stackfile.problems import SettingsError


@dataclass(frozen=True)
class Strategy:
    """One way to make the Git server's name resolve, ready to be deployed."""

    name: str
    zones: tuple[AnyZone, ...] = ()
    """Zones for the cluster's DNS; none for hostAliases."""
    aliases: tuple[Mapping[str, Any], ...] = ()
    """Entries for `global.hostAliases` of Argo CD's Release; none where the cluster's DNS has the names."""
    nodelocaldns: str = "skip"
    takes_over: tuple[str, ...] = ()
    """Names of others whose answers may change."""
    hosts: tuple[str, ...] = ()
    """The names that have to resolve."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """Repository host that no hosts file brings → why not."""
    alert: bool = False
    """Whether Argo CD's Release brings Prometheus rules for the servers of the zones."""

    @property
    def release_transforms(self) -> list[pulumi.ResourceTransform]:
        """The transforms that Argo CD's component has to be declared with."""
        rules = forwarder_rules(self.zones, pulumi.get_stack()) if self.alert else []
        return [
            *([host_aliases_transform(self.aliases)] if self.aliases else []),
            *([rules_transform(rules)] if rules else []),
        ]

    @property
    def names(self) -> list[str]:
        """The host names in the hosts entries."""
        in_dns = [zone.zone for zone in self.zones if isinstance(zone, HostsZone)]
        return in_dns + [name for alias in self.aliases for name in alias["hostnames"]]

    def require_coverage(self, hosts: Mapping[str, Sequence[Use]], public: Collection[str]) -> None:
        """Make sure that every repository host will resolve; warn about those named by address.

        Args:
            hosts: repository host → the Applications that need it.
            public: hosts that public DNS resolves.

        Raises:
            SettingsError: a host is covered by nothing.
        """
        if self.name == "none":
            return
        zones = [zone.zone for zone in self.zones if isinstance(zone, ForwardedZone)]
        if problems := uncovered(hosts, zones, self.names, public, self.absent):
            raise SettingsError(problems)
        warn(*by_address(hosts))

    def deploy(self, context: str, opts: ResourceOptions | None = None) -> list[pulumi.Resource]:
        """Declare what has to be in place before Argo CD; nothing if the Release carries it all."""
        if not self.zones:
            return []
        args = ClusterDnsArgs(self.zones, context, self.nodelocaldns, self.takes_over, self.hosts)
        return [ClusterDNS("dns", args, opts=opts)]

    def summary(self) -> dict[str, Any]:
        """Return the strategy for the stack's outputs."""
        zones = {zone.zone: list(zone.servers) for zone in self.zones if isinstance(zone, ForwardedZone)}
        hosts = {zone.zone: list(zone.addresses) for zone in self.zones if isinstance(zone, HostsZone)}
        return (
            {"strategy": self.name}
            | ({"zones": zones} if zones else {})
            | ({"hosts": hosts} if hosts else {})
            | ({"hostAliases": [dict(alias) for alias in self.aliases]} if self.aliases else {})
        )


def dns_strategy(settings: DnsSettings, repository_hosts: Iterable[str], *, alert: bool = False) -> Strategy:
    """Return the strategy that the stack file chooses.

    Args:
        settings: the `dns` section.
        repository_hosts: the hosts that have to resolve; they select the entries of a hosts file.
        alert: whether Prometheus is to tell when a server of the zones fails.

    Raises:
        SettingsError: a hosts file cannot be read.
    """
    if alert and not isinstance(settings, ForwardSettings):
        warn(
            f"{PROJECT}:argocd.metrics.dnsRule: the strategy {settings.strategy} forwards no zone, so that "
            "there is no name server to watch, and no rule is made. Take it out, or choose dnsmasq or consul"
        )
    hosts = tuple(repository_hosts)
    found = HostsChoice(())
    if isinstance(settings, HostsStrategySettings | HostAliasesSettings):
        found = choose(settings.hosts, hosts, read_over_ssh)
        warn(*found.warnings)
    if isinstance(settings, ClusterDnsSettings):
        return Strategy(
            settings.strategy,
            zones_from(settings, found),
            nodelocaldns=settings.nodelocaldns,
            takes_over=tuple(settings.takes_over),
            hosts=hosts,
            absent=found.absent,
            alert=alert,
        )
    return Strategy(settings.strategy, aliases=tuple(host_aliases(found.entries)), absent=found.absent)


def kubespray_group_vars(zones: Sequence[AnyZone]) -> dict[str, Any]:
    """Return the variables that make Kubespray itself render the same zones.

    Without them its next run overwrites both ConfigMaps (the next `up` repairs that).
    Source: Kubespray docs/advanced/dns-stack.md.
    """
    entries = [
        {"zones": [zone.zone], "nameservers": _with_policy(zone), "cache": zone.cache_seconds}
        | ({"rewrite": [_kubespray_rewrite(*pair) for pair in zone.rewrite]} if zone.rewrite else {})
        for zone in zones
        if isinstance(zone, ForwardedZone)
    ]
    # A file for the plugin `hosts` in its blocks for `.` and for external zones, of both layers.
    lines = [
        f"{address} {zone.zone}\n"
        for zone in zones
        if isinstance(zone, HostsZone)
        for address in zone.addresses
    ]
    return (
        {"coredns_external_zones": entries, "nodelocaldns_external_zones": entries} if entries else {}
    ) | ({"dns_etchosts": "".join(lines)} if lines else {})


# Kubespray's template writes each rewrite, and the name servers one after the other, as they are given into
# an indented text block; lines of their own keep what it has no variable for, if they are indented deeper.
_DEEPER = " " * 12


def _with_policy(zone: ForwardedZone) -> list[str]:
    if not zone.policy:
        return list(zone.servers)
    *others, last = zone.servers
    return [*others, f"{last} {{\n{_DEEPER}policy {zone.policy}\n{_DEEPER}}}"]


def _kubespray_rewrite(name: str, target: str) -> str:
    lines = (" ".join(words) for words in rewrite_words(name, target))
    return "\n".join(["stop {", *(_DEEPER + line for line in (*lines, "}"))])
