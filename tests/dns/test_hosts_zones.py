"""A name that the cluster's DNS answers from hosts entries: its block, whom it takes what, whose it stays."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, parse
from components.dns.hosts.entries import HostEntry
from components.dns.plan import Plan, Surroundings
from components.dns.zones import AnyZone, HostsZone, hosts_zones
from tests.dns.planning import COREDNS, NODELOCALDNS, PROTOBOX, again, cut_again, planned

GIT = HostsZone("git.protobox", ("192.168.1.7",))
KUBESPRAY = COREDNS.replace("    cache 30\n", "    hosts /etc/coredns/hosts {\n        fallthrough\n    }\n")
FILE = "/etc/coredns/hosts"
ENTRY = "hosts {\n        192.168.1.7 git.protobox\n    }"


def plan_of(text: str, zone: AnyZone = GIT, files: dict[str, str] | None = None) -> Plan:
    return planned(text, [zone], around=Surroundings(files or {}, hosts=[zone.zone]))


def taken(text: str, files: dict[str, str] | None = None) -> list[str]:
    return [str(name) for name in plan_of(text, GIT, files).taken]


def test_a_name_is_a_zone_of_its_own_and_what_is_below_it_goes_where_it_went() -> None:
    assert plan_of(COREDNS).text.removeprefix(COREDNS).splitlines()[2:] == [
        "git.protobox:53 {",
        "    errors",
        "    cache 30",
        "    hosts /dev/null {",
        "        192.168.1.7 git.protobox",
        "        fallthrough",
        "    }",
        "    forward . /etc/resolv.conf {",
        "        prefer_udp",
        "    }",
        "}",
    ]


def test_the_node_local_cache_gets_the_same_on_its_own_address() -> None:
    (block,) = parse(plan_of(NODELOCALDNS).written[0]).server_blocks
    assert block.bind == ("169.254.25.10",)
    assert block.named("forward")[0].args == (".", "/etc/resolv.conf")


def test_names_of_several_addresses_have_a_line_for_each() -> None:
    entries = [HostEntry("192.168.1.7", "git.protobox"), HostEntry("fd00::7", "git.protobox")]
    zones = hosts_zones([*entries, HostEntry("192.168.1.7", "registry.protobox")], 10)
    assert zones == (
        HostsZone("git.protobox", ("192.168.1.7", "fd00::7"), 10),
        HostsZone("registry.protobox", ("192.168.1.7",), 10),
    )


def test_where_nobody_forwards_the_names_below_there_is_nothing_to_fall_through_to() -> None:
    plan = plan_of(".:53 {\n    errors\n}\n")
    assert plan.warnings == ("the names below git.protobox get SERVFAIL, since no block forwards them",)
    (block,) = parse(plan.written[0]).server_blocks
    assert [line.name for line in block.directives] == ["errors", "cache", "hosts"]
    assert ("fallthrough",) not in block.named("hosts")[0].body


def test_below_the_name_the_longest_zone_of_somebody_else_goes_on_answering() -> None:
    theirs = "protobox:53 {\n    forward . 10.0.0.1\n}\n"
    plan = plan_of(theirs + COREDNS)
    (block,) = parse(plan.written[0]).server_blocks
    assert block.named("forward")[0].args == (".", "10.0.0.1")
    assert [str(name) for name in plan.taken] == ["git.protobox (forward, line 2)"]


def test_a_name_that_is_forwarded_otherwise_on_each_address_is_refused() -> None:
    roots = {"10.0.0.1": "8.8.8.8", "10.0.0.2": "9.9.9.9"}
    text = "".join(f".:53 {{\n    bind {at}\n    forward . {to}\n}}\n" for at, to in roots.items())
    with pytest.raises(CorefileError, match="are forwarded otherwise on another address"):
        plan_of(text)


def test_an_entry_of_somebody_else_with_another_address_changes_hands_by_name_only() -> None:
    assert taken(KUBESPRAY, {FILE: "10.0.0.9 git.protobox\n"}) == [f"git.protobox (hosts, {FILE}, line 1)"]
    assert taken(KUBESPRAY, {FILE: "10.0.0.9 registry.protobox\n"}) == []


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (KUBESPRAY, {FILE: "# etchosts\n192.168.1.7 git.protobox registry.protobox\n"}),
        (COREDNS.replace("    cache 30\n", "    hosts {\n        192.168.1.7 GIT.protobox\n    }\n"), {}),
        ("git.protobox {\n    hosts {\n        192.168.1.7 git.protobox\n    }\n}\n" + COREDNS, {}),
    ],
)
def test_a_name_that_others_answer_with_the_same_address_is_left_to_them(
    text: str, files: dict[str, str]
) -> None:
    plan = plan_of(text, GIT, files)
    assert (plan.text, plan.owned, plan.served_by_others) == (text, (), ("git.protobox:53",))


@pytest.mark.parametrize(
    "lines",
    [
        "hosts {\n        10.0.0.9 git.protobox\n    }",
        "hosts /etc/coredns/secret",
        "forward . 192.168.1.7",
        f"{ENTRY}\n    template IN A {{\n        rcode NXDOMAIN\n    }}",
        f"{ENTRY}\n    rewrite name git.protobox other.protobox",
    ],
)
def test_a_block_of_somebody_else_that_answers_the_name_otherwise_is_refused(lines: str) -> None:
    with pytest.raises(CorefileError, match="not as this stack would"):
        plan_of(f"git.protobox {{\n    {lines}\n}}\n{COREDNS}")


def test_a_rewrite_in_front_of_the_same_entry_is_somebody_elses_answer() -> None:
    line = "    rewrite name git.protobox other.protobox\n"
    text = KUBESPRAY.replace("    errors\n", "    errors\n" + line)
    assert "git.protobox (rewrite, line 3)" in taken(text, {FILE: "192.168.1.7 git.protobox\n"})


def test_the_cluster_keeps_its_names() -> None:
    text = COREDNS.replace("    cache 30\n", "    kubernetes cluster.local\n")
    with pytest.raises(CorefileError, match="away from the cluster itself"):
        plan_of(text, HostsZone("git.dev.svc.cluster.local", ("192.168.1.7",)))


def test_from_and_to_a_forwarded_zone_and_back_every_byte_is_as_it_was() -> None:
    forwarded = planned(COREDNS)
    by_hosts = again(forwarded, [GIT])
    assert by_hosts == plan_of(COREDNS)
    assert again(by_hosts, [PROTOBOX]) == forwarded
    assert again(by_hosts, [GIT]) == by_hosts
    assert cut_again(by_hosts) == COREDNS
