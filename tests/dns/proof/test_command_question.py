"""What is proven, for each strategy."""

from __future__ import annotations

from typing import Any

import pytest

from components.dns.deployment import dns_strategy
from components.dns.proof.command import question
from components.dns.proof.question import Host
from components.projects.application import hosts_in_use
from tests.site import SITE, settings

URL = "http://git.protobox/gitlab/protobox1/docserver.git"


def asked(**sections: Any) -> tuple[Host, ...]:
    """Return the hosts that are asked for with these sections of the stack file; none without a question."""
    read = settings(**sections)
    hosts = hosts_in_use(read.applications)
    found = question(read.dns, dns_strategy(read.dns, hosts), hosts, "lab", "argocd")
    return found.hosts if found else ()


def test_a_forwarded_host_is_asked_of_its_servers_with_their_ports() -> None:
    servers = ["192.168.1.7", "192.168.1.8:5353", "fd00::7", "[fd00::8]:54"]
    dns = {**SITE["dns"], "servers": servers}
    with_ports = ("192.168.1.7:53", "192.168.1.8:5353", "[fd00::7]:53", "[fd00::8]:54")
    assert asked(dns=dns) == (Host("git.protobox", servers=with_ports, repository=URL),)


def test_consul_is_asked_for_the_name_that_it_knows() -> None:
    dns = {**SITE["dns"], "strategy": "consul", "rewrite": {"git.protobox": "git.service.consul"}}
    expected = Host(
        "git.protobox", servers=("192.168.1.7:8600",), asked_as="git.service.consul", repository=URL
    )
    assert asked(dns=dns) == (expected,)


def test_a_host_is_asked_of_the_servers_of_the_longest_zone_as_coredns_does() -> None:
    zones = ["protobox", {"zone": "git.protobox", "servers": ["192.168.1.8"]}]
    (host,) = asked(dns={**SITE["dns"], "zones": zones})
    assert host.servers == ("192.168.1.8:53",)


def test_hosts_entries_have_to_be_in_the_pod() -> None:
    dns = {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox", "x.protobox"]}}}
    assert asked(dns=dns) == (Host("git.protobox", addresses=("192.168.1.7",), repository=URL),)


def test_what_the_clusters_dns_has_itself_is_asked_of_its_layers() -> None:
    dns = {"strategy": "hosts", "hosts": {"entries": {"192.168.1.7": ["git.protobox", "x.protobox"]}}}
    assert asked(dns=dns) == (Host("git.protobox", answers=("192.168.1.7",), repository=URL),)


@pytest.mark.parametrize("dns", [{"strategy": "none"}, {**SITE["dns"], "verify": False}])
def test_without_a_strategy_or_by_choice_nothing_is_asked(dns: dict[str, Any]) -> None:
    assert asked(dns=dns) == ()


def test_one_repository_of_each_host_is_read_and_those_of_others_are_not() -> None:
    projects = {
        "a": {"repository": "ssh://git@git.protobox/a.git"},
        "b": {},
        "c": {},
        "d": {"repository": "ssh://git@lab.protobox/d.git"},
        "e": {"repository": "http://192.168.1.7/e.git"},
    }
    assert [(host.name, host.repository) for host in asked(projects=projects)] == [
        ("git.protobox", URL.replace("docserver", "b")),
        ("lab.protobox", ""),
    ]


def test_time_context_and_namespace_are_those_of_the_stack() -> None:
    read = settings(dns={**SITE["dns"], "verifySeconds": 7}, argocd={"namespace": "cd"})
    found = question(read.dns, dns_strategy(read.dns, []), read.uses, "kubernetes-admin@cluster.local", "cd")
    assert found
    assert (found.context, found.namespace, found.seconds) == ("kubernetes-admin@cluster.local", "cd", 7.0)
