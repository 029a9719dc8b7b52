"""From the stack's settings to the question that the check is asked."""

from __future__ import annotations

from collections.abc import Iterable

from components.dns.check.question import Host, Question
from components.dns.coverage import in_zone
from components.dns.strategy import Strategy
from components.projects.manifests import repository_urls
from components.settings import Settings, VerifiedSettings
from components.settings.names import with_port
from components.settings.urls import repository_host

_DNS_PORT = 53


def question(settings: Settings, strategy: Strategy) -> Question | None:
    """Return what to prove after an `up`; None if the stack wants no proof, or there is nothing to prove."""
    if not isinstance(settings.dns, VerifiedSettings) or not settings.dns.verify:
        return None
    hosts = tuple(_hosts(strategy, repository_urls(settings).values()))
    if not hosts:
        return None
    return Question(
        settings.cluster.context, settings.argocd.namespace, hosts, float(settings.dns.verify_seconds)
    )


def _hosts(strategy: Strategy, urls: Iterable[str]) -> Iterable[Host]:
    """Yield each host that the strategy makes resolve, with one repository that is read over HTTP."""
    repositories: dict[str, str] = {}
    for url in urls:
        http = url if url.startswith(("http://", "https://")) else ""
        host = repository_host(url)
        repositories[host] = repositories.get(host) or http
    entries: dict[str, list[str]] = {}
    for alias in strategy.aliases:
        for name in alias["hostnames"]:
            entries.setdefault(name, []).append(alias["ip"])
    for host, repository in repositories.items():
        zone = next((zone for zone in strategy.zones if in_zone(host, zone.zone)), None)
        if host in entries:
            yield Host(host, addresses=tuple(entries[host]), repository=repository)
        elif zone:
            servers = tuple(with_port(server, _DNS_PORT) for server in zone.servers)
            asked_as = dict(zone.rewrite).get(host, "")
            yield Host(host, servers=servers, asked_as=asked_as, repository=repository)
