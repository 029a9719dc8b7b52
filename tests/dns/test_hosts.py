"""Hosts files and hosts entries."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.dns.hosts import (
    HostEntry,
    combine,
    explicit,
    host_aliases,
    merge_host_aliases,
    parse_hosts,
    select,
)

DEBIAN = """\
127.0.0.1\tlocalhost
127.0.1.1\tsupervisor-1.protobox supervisor-1
192.168.1.7\tgit.protobox   Registry.Protobox.  # GitLab
::1 ip6-localhost ip6-loopback
fe80::1%eth0 router
0.0.0.0 blocked.example
# 10.0.0.1 commented.out
not-an-address name
10.0.0.9
fd00::7 git.protobox
"""


def test_only_entries_that_mean_the_same_in_a_pod_are_taken() -> None:
    assert parse_hosts(DEBIAN) == [
        HostEntry("192.168.1.7", "git.protobox"),
        HostEntry("192.168.1.7", "registry.protobox"),
        HostEntry("fd00::7", "git.protobox"),
    ]


def test_patterns_select_names() -> None:
    entries = [HostEntry("10.0.0.1", "node1"), HostEntry("192.168.1.7", "git.protobox")]
    assert select(entries, ["*.Protobox"]) == entries[1:]
    assert select(entries, ["git.protobox", "node?"]) == entries


def test_the_stack_file_wins_over_the_hosts_file() -> None:
    from_file = [HostEntry("127.0.0.1", "git.protobox"), HostEntry("10.0.0.2", "other")]
    stack = explicit({"192.168.1.7": ["git.protobox"]})
    assert combine(from_file, stack) == [
        HostEntry("192.168.1.7", "git.protobox"),
        HostEntry("10.0.0.2", "other"),
    ]


def test_names_of_one_address_are_one_alias() -> None:
    entries = [HostEntry("10.0.0.1", "a"), HostEntry("10.0.0.2", "b"), HostEntry("10.0.0.1", "c")]
    assert host_aliases(entries) == [
        {"ip": "10.0.0.1", "hostnames": ["a", "c"]},
        {"ip": "10.0.0.2", "hostnames": ["b"]},
    ]


@given(st.text(alphabet=st.sampled_from("127.0:#% \t\r\nabcdef"), max_size=80))
def test_any_text_is_read_without_loopback_entries(text: str) -> None:
    for entry in parse_hosts(text):
        assert not entry.ip.startswith("127.")
        assert entry.name


def test_host_aliases_join_those_that_the_values_have_already() -> None:
    values = {
        "global": {"domain": "x", "hostAliases": [{"ip": "192.168.1.7", "hostnames": ["git.protobox"]}]}
    }
    aliases = [
        {"ip": "192.168.1.7", "hostnames": ["registry.protobox", "git.protobox"]},
        {"ip": "10.0.0.1", "hostnames": ["a"]},
    ]
    assert merge_host_aliases(values, aliases)["global"] == {
        "domain": "x",
        "hostAliases": [
            {"ip": "192.168.1.7", "hostnames": ["git.protobox", "registry.protobox"]},
            {"ip": "10.0.0.1", "hostnames": ["a"]},
        ],
    }


ALIASES = st.lists(
    st.fixed_dictionaries(
        {
            "ip": st.sampled_from(["10.0.0.1", "10.0.0.2"]),
            "hostnames": st.lists(st.sampled_from("abc"), max_size=3),
        }
    ),
    max_size=4,
)


@given(ALIASES, ALIASES)
def test_an_ip_stands_once_with_each_name_once(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    values = {"global": {"hostAliases": first}}
    before = deepcopy(values)
    merged = merge_host_aliases(values, second)["global"]["hostAliases"]
    assert values == before
    assert len({alias["ip"] for alias in merged}) == len(merged)
    assert all(len(set(alias["hostnames"])) == len(alias["hostnames"]) for alias in merged)
    named = {(alias["ip"], name) for alias in first + second for name in alias["hostnames"]}
    assert {(alias["ip"], name) for alias in merged for name in alias["hostnames"]} == named
