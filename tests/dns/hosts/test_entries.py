"""Hosts entries: chosen, combined, and merged into the values of the chart."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.dns.hosts.entries import (
    HostEntry,
    ambiguous,
    combine,
    explicit,
    host_aliases,
    merge_host_aliases,
    select,
)
from components.stackfile.addresses import canonical_ip


def test_patterns_select_names() -> None:
    entries = [HostEntry("10.0.0.1", "node1"), HostEntry("192.168.1.7", "git.protobox")]
    assert select(entries, ["*.Protobox"]) == entries[1:]
    assert select(entries, ["git.protobox", "node?"]) == entries


def test_a_name_comes_from_the_first_source_that_has_it() -> None:
    first, second = HostEntry("192.168.1.7", "git.protobox"), HostEntry("192.168.1.8", "git.protobox")
    v6, other = HostEntry("fd00::7", "git.protobox"), HostEntry("10.0.0.2", "other")
    assert combine([first, first], [second, v6, other], [other]) == [first, other]
    assert combine([], [second, v6]) == [second, v6]


def test_explicit_entries_are_in_the_usual_spelling() -> None:
    assert explicit({"FD00::0:7": ["a"], "::ffff:10.0.0.1": ["b", "c"]}) == [
        HostEntry("fd00::7", "a"),
        HostEntry("10.0.0.1", "b"),
        HostEntry("10.0.0.1", "c"),
    ]


def test_two_addresses_of_one_family_are_said_and_one_of_each_is_not() -> None:
    both = [HostEntry("10.0.0.1", "git"), HostEntry("fd00::1", "git"), HostEntry("10.0.0.1", "other")]
    assert ambiguous(both) == []
    (said,) = ambiguous([*both, HostEntry("10.0.0.2", "git")])
    assert said.startswith("git has several addresses, 10.0.0.1, 10.0.0.2")


def test_names_of_one_address_are_one_alias() -> None:
    entries = [HostEntry("10.0.0.1", "a"), HostEntry("10.0.0.2", "b"), HostEntry("10.0.0.1", "c")]
    assert host_aliases(entries) == [
        {"ip": "10.0.0.1", "hostnames": ["a", "c"]},
        {"ip": "10.0.0.2", "hostnames": ["b"]},
    ]


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


def test_one_address_in_two_spellings_is_one_entry_also_within_the_values() -> None:
    values = {
        "global": {
            "hostAliases": [
                {"ip": "FD00::7", "hostnames": ["a"]},
                {"ip": "fd00:0::7", "hostnames": ["b", "a"]},
                {"ip": "10.0.0.1", "hostnames": None},
            ]
        }
    }
    aliases = [{"ip": "fd00::7", "hostnames": ["c"]}]
    merged = merge_host_aliases(values, aliases)["global"]["hostAliases"]
    assert merged == [{"ip": "fd00::7", "hostnames": ["a", "b", "c"]}]


def test_values_without_anything_get_the_aliases() -> None:
    aliases = [{"ip": "10.0.0.1", "hostnames": ["a"]}]
    for values in ({}, {"global": None}, {"global": {"hostAliases": None}}):
        assert merge_host_aliases(values, aliases) == {"global": {"hostAliases": aliases}}


ALIASES = st.lists(
    st.fixed_dictionaries(
        {
            "ip": st.sampled_from(["10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", "fd00::1", "FD00:0::1"]),
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
    named = {(canonical_ip(alias["ip"]), name) for alias in first + second for name in alias["hostnames"]}
    assert {(alias["ip"], name) for alias in merged for name in alias["hostnames"]} == named
