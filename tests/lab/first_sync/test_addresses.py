"""The files in a pod's /etc, as the kubelet writes them."""

from __future__ import annotations

from components.dns.hosts_file import read_hosts
from lab.first_sync.addresses import hosts_file


def test_without_aliases_a_pod_knows_itself_only() -> None:
    assert read_hosts(hosts_file([])).entries == ()


def test_each_alias_is_a_line_with_all_its_names() -> None:
    text = hosts_file([("192.168.1.7", ["git.protobox", "gitlab.protobox"]), ("fd00::7", ["git.protobox"])])
    assert text.startswith(hosts_file([]))
    assert text.splitlines()[-3:] == [
        "# Entries added by HostAliases.",
        "192.168.1.7\tgit.protobox\tgitlab.protobox",
        "fd00::7\tgit.protobox",
    ]
