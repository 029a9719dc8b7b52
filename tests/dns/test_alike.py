"""A block of somebody else: does it do what ours would?"""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError
from components.dns.plan import Surroundings
from components.dns.zones import ForwardedZone
from tests.dns.planning import COREDNS, NODELOCALDNS, PROTOBOX, planned

CONSUL = ForwardedZone("protobox", ("192.168.1.7:8600",), 30, (("git.protobox", "git.service.consul"),))
BACKUP = ForwardedZone("protobox", ("192.168.1.7", "192.168.1.8"))


def theirs(*lines: str, keys: str = "protobox:53") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{keys} {{\n{body}}}\n"


def left(text: str, zone: ForwardedZone = PROTOBOX, *hosts: str) -> bool:
    """Tell whether the zone is left to whoever has it in `text`; otherwise it must be refused."""
    try:
        plan = planned(text, [zone], around=Surroundings(hosts=hosts))
    except CorefileError as error:
        assert "somebody else answers for protobox:53, and not as this stack would" in str(error)  # noqa: PT017
        return False
    assert (plan.text, plan.owned) == (text, ())
    return True


@pytest.mark.parametrize(
    "rule", ["acl {\n        block net 10.0.0.0/8\n    }", "rewrite type A AAAA", "rewrite stop class IN CH"]
)
def test_a_block_that_is_left_to_its_author_with_a_rule_that_may_hit_pods_is_told(rule: str) -> None:
    text = theirs(rule, "forward . 192.168.1.7") + COREDNS
    (warning,) = planned(text, [PROTOBOX], around=Surroundings(hosts=["git.protobox"])).warnings
    assert f"its `{rule.partition(' ')[0]}` (line 2) may answer pods otherwise: git.protobox" in warning


def test_entries_that_let_nothing_through_count_for_the_names_in_question() -> None:
    block = theirs(
        "hosts {\n        10.9.9.9 x.corp\n        fallthrough corp\n    }", "forward . 192.168.1.7"
    )
    assert not left(block + COREDNS, PROTOBOX, "git.protobox")
    beside = block.replace("hosts {", "hosts /etc/hosts lab.protobox {")
    assert left(beside + COREDNS, PROTOBOX, "git.protobox")
    assert not left(beside + COREDNS, PROTOBOX)


@pytest.mark.parametrize(
    ("block", "zone"),
    [
        (theirs("errors", "log", "cache 5", "loadbalance", "reload", "forward . 192.168.1.7:53"), PROTOBOX),
        (theirs("forward . 192.168.1.8 192.168.1.7"), BACKUP),
        (theirs("forward . dns://192.168.1.7"), PROTOBOX),
        (theirs("forward . [fd00::7]:53"), ForwardedZone("protobox", ("fd00:0::7",))),
        (theirs("forward . 192.168.1.7", keys="lab PROTOBOX."), PROTOBOX),
        ("(up) {\n    forward . 192.168.1.7\n}\n" + theirs("import up"), PROTOBOX),
        (theirs("rewrite name git.protobox git.service.consul", "forward . 192.168.1.7:8600"), CONSUL),
        (
            theirs("rewrite stop name exact git.protobox git.service.consul", "forward . 192.168.1.7:8600"),
            CONSUL,
        ),
        (
            theirs(
                "hosts {\n        10.0.0.9 other.example\n        fallthrough\n    }", "forward . 192.168.1.7"
            ),
            PROTOBOX,
        ),
    ],
)
def test_a_block_that_sends_the_zone_where_ours_would_is_left_alone(block: str, zone: ForwardedZone) -> None:
    assert left(block + COREDNS, zone)


@pytest.mark.parametrize(
    ("block", "zone"),
    [
        (theirs("forward . 192.168.1.9"), PROTOBOX),
        (theirs("forward . 192.168.1.7"), BACKUP),
        (theirs("forward . 192.168.1.7:8600"), PROTOBOX),
        (theirs("forward . tls://192.168.1.7"), PROTOBOX),
        (theirs("errors"), PROTOBOX),
        (theirs("forward . 192.168.1.7:8600"), CONSUL),
        (theirs("rewrite name git.protobox x.service.consul", "forward . 192.168.1.7:8600"), CONSUL),
        (theirs("template IN A {\n        rcode NXDOMAIN\n    }", "forward . 192.168.1.7"), PROTOBOX),
        (theirs("view v {\n        expr true\n    }", "forward . 192.168.1.7"), PROTOBOX),
        (theirs("hosts {\n        10.0.0.9 other.example\n    }", "forward . 192.168.1.7"), PROTOBOX),
        (theirs("hosts /etc/coredns/hosts {\n        fallthrough\n    }", "forward . 192.168.1.7"), PROTOBOX),
        (theirs("strange", "forward . 192.168.1.7"), PROTOBOX),
        (theirs("kubernetes x.protobox", "forward . 192.168.1.7"), PROTOBOX),
        (theirs("bind 10.0.0.1", "forward . 192.168.1.7"), PROTOBOX),
    ],
)
def test_a_block_that_answers_otherwise_is_refused(block: str, zone: ForwardedZone) -> None:
    assert not left(block + COREDNS, zone)


HOSTS = "hosts {\n        10.0.0.9 registry.protobox\n        fallthrough\n    }"
EXCEPT = "forward . 192.168.1.7 {\n        except registry.protobox\n    }"


@pytest.mark.parametrize("lines", [(HOSTS, "forward . 192.168.1.7"), (EXCEPT,)])
def test_only_the_names_in_question_have_to_be_answered_as_ours_would(lines: tuple[str, ...]) -> None:
    text = theirs(*lines) + COREDNS
    assert left(text, PROTOBOX, "git.protobox")
    assert not left(text, PROTOBOX, "git.protobox", "registry.protobox")
    assert not left(text, PROTOBOX)


def test_the_message_names_the_line_that_differs() -> None:
    with pytest.raises(CorefileError, match=r"its plugin `hosts` answers registry.protobox \(line 2\)"):
        planned(theirs(HOSTS, "forward . 192.168.1.7") + COREDNS)


def test_a_block_on_fewer_addresses_than_the_root_is_not_alike() -> None:
    text = NODELOCALDNS.replace("bind 169.254.25.10", "bind 169.254.25.10 10.0.0.1")
    block = theirs("bind 169.254.25.10", "forward . 192.168.1.7")
    assert not left(block + text)
    assert left(block.replace("25.10", "25.10 10.0.0.1") + text)
    assert left(block.replace("    bind 169.254.25.10", "    bind 10.0.0.1\n    bind 169.254.25.10") + text)


def test_a_block_that_misses_a_port_of_the_root_is_not_alike_whichever_others_it_has() -> None:
    text = COREDNS.replace(".:53 {", ".:53 .:54 {")
    assert text != COREDNS
    assert not left(theirs("forward . 192.168.1.7", keys="protobox:53 protobox:55") + text)
    assert left(theirs("forward . 192.168.1.7", keys="protobox:53 protobox:54 protobox:55") + text)


def test_a_key_in_capital_letters_is_left_with_a_warning_since_older_versions_do_not_find_it() -> None:
    plan = planned(theirs("forward . 192.168.1.7", keys="PROTOBOX") + COREDNS)
    assert plan.served_by_others == ("protobox:53",)
    assert "write the key in small letters" in plan.warnings[0]


def test_a_longer_zone_of_somebody_else_is_told_also_where_the_zone_is_left_to_others() -> None:
    longer = theirs("forward . 1.2.3.4", keys="git.protobox")
    (warning,) = planned(longer + theirs("forward . 192.168.1.7") + COREDNS).warnings
    assert "the names below git.protobox stay with the server block for git.protobox:53 (line 1)" in warning
