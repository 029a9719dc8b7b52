"""The section `dns.hosts`: where hosts entries come from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.strategies.hosts_entries import HostAliasesSettings
from components.stackfile.addresses import canonical_ip
from components.stackfile.problems import SettingsError
from tests.site import settings


def read(hosts: Any) -> HostAliasesSettings:
    dns = settings(dns={"strategy": "hostAliases", "hosts": hosts}).dns
    assert isinstance(dns, HostAliasesSettings)
    return dns


def test_all_sources_can_be_named_together() -> None:
    ssh = {"host": "supervisor-1", "user": "supervisor", "port": 2222, "knownHosts": "known_hosts"}
    hosts = read({"file": "hosts", "ssh": ssh, "entries": {"fd00::7": ["Git.Protobox."]}}).hosts
    assert hosts.ssh is not None
    assert (hosts.ssh.host, hosts.ssh.user, hosts.ssh.port) == ("supervisor-1", "supervisor", 2222)
    assert (hosts.ssh.file, hosts.ssh.key, hosts.ssh.known_hosts) == ("/etc/hosts", None, "known_hosts")
    assert hosts.entries == {"fd00::7": ["git.protobox"]}


def test_without_hosts_it_is_the_file_of_this_machine() -> None:
    dns = settings(dns={"strategy": "hostAliases"}).dns
    assert isinstance(dns, HostAliasesSettings)
    assert dns.hosts.local_file == "/etc/hosts"


@pytest.mark.parametrize(
    ("hosts", "where", "what", "fix"),
    [
        ({"entries": {"supervisor": ["a"]}}, "entries.supervisor", "is not an IP address", "192.168.1.7"),
        (
            {"entries": {"git.protobox": ["10.0.0.1"]}},
            'entries["git.protobox"]',
            "is not an IP",
            "IP in front",
        ),
        (
            {"entries": {"192.168.1.700": []}},
            'entries["192.168.1.700"]',
            "is not an IP address",
            "192.168.1.7",
        ),
        (
            {"entries": {"127.0.1.1": ["a"]}},
            'entries["127.0.1.1"]',
            "in a pod is the pod itself",
            "192.168.1.7",
        ),
        ({"entries": {"fe80::1%eth0": ["a"]}}, 'entries["fe80::1%eth0"]', "with a zone", "192.168.1.7"),
        ({"entries": {"10.0.0.1": ["a_b"]}}, 'entries["10.0.0.1"][0]', "is not a host name", "git.protobox"),
        ({"entries": {"10.0.0.1": "a"}}, 'entries["10.0.0.1"]', "a list is expected", "write [a]"),
        ({"ssh": {}}, "ssh.host", "this key is missing", "host: supervisor-1"),
        ({"ssh": "supervisor-1"}, "ssh", "a mapping (key: value) is expected", "host: supervisor-1"),
        ({"ssh": {"host": "-oProxyCommand=x"}}, "ssh.host", "not the name or IP", "user: supervisor"),
        ({"ssh": {"host": "bob@a"}}, "ssh.host", "not the name or IP", "user: supervisor"),
        ({"ssh": {"host": "a b"}}, "ssh.host", "not the name or IP", "user: supervisor"),
        ({"ssh": {"host": "a", "user": "-x"}}, "ssh.user", "is not a user's name", "user: supervisor"),
        ({"ssh": {"host": "a", "user": ""}}, "ssh.user", "is not a user's name", "user: supervisor"),
        ({"ssh": {"host": "a", "port": 0}}, "ssh.port", "the number 0 is not allowed", "port: 2222"),
        ({"ssh": {"host": "a", "file": ""}}, "ssh.file", "is not the name of a file", "/etc/hosts"),
        ({"ssh": {"host": "a", "file": "a\nb"}}, "ssh.file", "is not the name of a file", "/etc/hosts"),
        ({"ssh": {"host": "a", "keys": "b"}}, "ssh.keys", "there is no key 'keys'", "did you mean 'key'?"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_fix(hosts: Any, where: str, what: str, fix: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(hosts)
    (problem,) = caught.value.problems
    assert problem.where == f"protobox-cd:dns.hosts.{where}"
    assert what in problem.what
    assert fix in problem.fix
    assert problem.why


@given(st.ip_addresses().map(str))
def test_an_address_has_one_spelling(address: str) -> None:
    assert canonical_ip(canonical_ip(address).upper()) == canonical_ip(address)
