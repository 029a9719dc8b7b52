"""Whether every repository host will resolve in the cluster, told before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from components.dns.section import DnsSettings
from components.dns.zones import in_zone
from components.projects.application import Application, Use, hosts_in_use
from components.stackfile.addresses import is_ip
from components.stackfile.problems import PROJECT, Problem, SettingsError
from components.stackfile.urls import UNKNOWN_HOST


@dataclass(frozen=True)
class Coverage:
    """What `make check` can tell without a cluster."""

    problems: Sequence[Problem]
    warnings: Sequence[str] = ()


def coverage(
    dns: DnsSettings, public_hosts: Collection[str], applications: Iterable[Application]
) -> Coverage:
    """Return which repository hosts would not resolve, as a preview tells it, for `make check`.

    Of another machine's hosts file nothing is known here: a host that no other source has may be in it.
    """
    hosts = hosts_in_use(applications)
    hosts.pop(UNKNOWN_HOST, None)
    try:
        found = dns.read_entries(hosts, None)
    except SettingsError as error:
        return Coverage(error.problems)
    covered = dns.covered(found)
    if covered is None:
        return Coverage([])
    section = dns.hosts_section
    problems = uncovered(hosts, covered.zones, covered.names, public_hosts, found.absent)
    if section:
        problems = [_with_entries(problem, section.entries) for problem in problems]
    warnings = [*by_address(hosts), *found.warnings]
    if section and section.ssh and problems:
        unknown = ", ".join(host for host in hosts if host not in covered.names and not is_ip(host))
        warnings.append(
            f"{PROJECT}:dns.hosts.ssh: whether the hosts file of {section.ssh.host} has {unknown} is not "
            "known here; the preview reads it"
        )
        problems = []
    return Coverage(problems, warnings)


def uncovered(
    hosts: Mapping[str, Sequence[Use]],
    zones: Collection[str],
    names: Collection[str],
    public: Collection[str],
    absent: Mapping[str, str],
) -> list[Problem]:
    """Return a problem for each repository host that nothing makes resolve.

    `public` are hosts (and all below them) that public DNS resolves, and `absent` says why no hosts file
    brings a host.
    """
    return [
        _problem(host, uses, zones, names, absent)
        for host, uses in hosts.items()
        if not is_ip(host)
        and host not in names
        and not any(in_zone(host, zone) for zone in (*zones, *map(str.lower, public)))
    ]


def by_address(hosts: Mapping[str, Sequence[Use]]) -> list[str]:
    """Return a warning for each address by which repositories are named."""
    return [
        f"{_who(uses)}: the repository's host is the address {host}. It needs no name resolution, but "
        "GitLab's webhooks name the host, so Argo CD will not notice pushes at once. Prefer the name, for "
        f"example {PROJECT}:git.hosts: {{{host}: git.protobox}}"
        for host, uses in hosts.items()
        if is_ip(host)
    ]


def _who(uses: Sequence[Use]) -> str:
    """Return which Applications need a host: the first, and how many others."""
    first, others = uses[0].application, len({use.application.name for use in uses}) - 1
    return first.called + (f" and {others} other Application{'s' * (others > 1)}" if others else "")


def _problem(
    host: str,
    uses: Sequence[Use],
    zones: Collection[str],
    names: Collection[str],
    absent: Mapping[str, str],
) -> Problem:
    block = ""
    if host in absent:
        known = absent[host]
        fix, block = "write its address into the stack file", _entry(host, {})
    elif zones:
        known = f"the forwarded zones are {', '.join(sorted(zones))}"
        # The name itself: a shorter zone may be the cluster's own (`local`), or the world's (`uk`).
        fix = f"add the zone {host} to {PROJECT}:dns.zones"
    elif names:
        known = f"the hosts entries name {', '.join(sorted(names))}"
        fix, block = "add it to the entries, with the address that is its own", _entry(host, {})
    else:
        known = "the strategy brings no name into the cluster"
        fix = f"choose a {PROJECT}:dns.strategy that knows {host}"
    return uses[0].application.problem(
        uses[0].repository.place,
        [],
        f"nothing makes {host}, the repository host of {_who(uses)}, resolve for Argo CD: {known}",
        f"Argo CD would log: dial tcp: lookup {host}: no such host",
        f"{fix}; or, if public DNS knows it, add {host} to {PROJECT}:git.publicHosts{block}",
    )


def _with_entries(problem: Problem, entries: Mapping[str, Sequence[str]]) -> Problem:
    """Return a problem whose fix keeps the entries that the stack file has already."""
    host = problem.what.split()[2].removesuffix(",")
    return replace(problem, fix=problem.fix.replace(_entry(host, {}), _entry(host, entries)))


def _entry(host: str, entries: Mapping[str, Sequence[str]]) -> str:
    """Return the hosts entry that is missing, as it has to stand."""
    address, names = next(iter(entries.items()), ("192.168.1.7", ()))
    listed = ", ".join([*names, host])
    return f"\n  {PROJECT}:dns:\n    hosts:\n      entries:\n        {address}: [{listed}]"
