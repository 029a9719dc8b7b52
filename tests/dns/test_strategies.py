"""Each strategy is a class that knows all of itself; the rest of the program asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from components.dns.hosts.choice import HostsChoice
from components.dns.hosts.entries import HostEntry
from components.dns.proof.question import Host
from components.dns.section import STRATEGIES
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.dns.strategies.dns_strategy import Covered, DnsStrategy

FOUND = HostsChoice((HostEntry("192.168.1.7", "git.protobox"),))
FORWARDING: Mapping[str, Any] = {"zones": ["protobox"], "servers": ["192.168.1.7"]}


def strategy(name: str, **keys: Any) -> DnsStrategy:
    return STRATEGIES[name].model_validate({"strategy": name, **keys})


def test_each_has_a_name_in_the_stack_file_and_words_for_the_wizard() -> None:
    assert set(STRATEGIES) == {"consul", "dnsmasq", "hosts", "hostAliases", "none"}
    assert all(each.in_wizard for each in STRATEGIES.values())


@pytest.mark.parametrize(
    ("name", "keys", "zones", "entries", "covered"),
    [
        ("dnsmasq", FORWARDING, 1, 0, Covered(zones=["protobox"])),
        ("consul", FORWARDING, 1, 0, Covered(zones=["protobox"])),
        ("hosts", {}, 1, 0, Covered(names=["git.protobox"])),
        ("hostAliases", {}, 0, 1, Covered(names=["git.protobox"])),
        ("none", {}, 0, 0, None),
    ],
)
def test_it_knows_what_it_deploys_and_which_names_that_covers(
    name: str, keys: Mapping[str, Any], zones: int, entries: int, covered: Covered | None
) -> None:
    chosen = strategy(name, **keys)
    assert len(chosen.dns_zones(FOUND)) == zones
    assert len(chosen.pod_entries(FOUND)) == entries
    assert chosen.covered(FOUND) == covered


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("dnsmasq", FORWARDING, Host("git.protobox", servers=("192.168.1.7:53",))),
        ("consul", FORWARDING, Host("git.protobox", servers=("192.168.1.7:8600",))),
        ("hosts", {}, Host("git.protobox", answers=("192.168.1.7",))),
        ("hostAliases", {}, Host("git.protobox", addresses=("192.168.1.7",))),
    ],
)
def test_it_knows_what_has_to_be_proven_and_proves_nothing_of_a_name_that_it_does_not_bring(
    name: str, keys: Mapping[str, Any], expected: Host
) -> None:
    chosen = strategy(name, **keys)
    assert chosen.proof_seconds == 180
    assert strategy(name, **keys, verify=False).proof_seconds == 0
    assert chosen.to_prove("git.protobox", FOUND) == expected
    assert chosen.to_prove("git.example.org", FOUND) is None


@pytest.mark.parametrize(
    "name",
    [
        "registry.protobox",
        "*.lab.protobox",
        "_http._tcp.protobox",
        "my_registry.protobox",
        "alias.cluster.local",
        "*",
    ],
)
def test_every_name_that_a_preview_lists_may_be_accepted(name: str) -> None:
    chosen = strategy("dnsmasq", **FORWARDING, takesOver=[name])
    assert isinstance(chosen, ClusterDnsSettings)
    assert chosen.takes_over == [name]


@pytest.mark.parametrize("name", ["http://registry.protobox", "registry.protobox:53", "*x.protobox", "a b"])
def test_what_is_no_name_is_not_accepted(name: str) -> None:
    with pytest.raises(ValidationError, match="is no name, nor"):
        strategy("dnsmasq", **FORWARDING, takesOver=[name])


def test_what_leaves_the_names_to_others_proves_nothing() -> None:
    assert strategy("none").proof_seconds == 0
    assert strategy("none").to_prove("git.protobox", FOUND) is None


@pytest.mark.parametrize(
    ("name", "keys", "unknown"),
    [
        ("dnsmasq", FORWARDING, ["kube-system/coredns", "kube-system/nodelocaldns"]),
        ("hosts", {"nodelocaldns": "skip"}, ["its port and `bind`, and its `forward`"]),
        ("hostAliases", {}, []),
        ("none", {}, []),
    ],
)
def test_it_says_what_an_offline_preview_does_not_know_of_it(
    name: str, keys: Mapping[str, Any], unknown: list[str]
) -> None:
    lines = list(strategy(name, **keys).unknown_offline())
    assert len(lines) == len(unknown)
    assert all(word in line for word, line in zip(unknown, lines, strict=True))
