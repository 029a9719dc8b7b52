"""Planning a Corefile: whose block is it, and what has to stand in it."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, parse
from components.dns.zones import ForwardedZone, cut_ours, plan_zones

COREDNS = """\
.:53 {
    errors
    forward . /etc/resolv.conf {
        prefer_udp
    }
    cache 30
}
"""
NODELOCALDNS = """\
cluster.local:53 {
    bind 169.254.25.10
    forward . 10.233.0.3 {
        force_tcp
    }
}
.:53 {
    errors
    bind 169.254.25.10
    forward . /etc/resolv.conf
}
"""
PROTOBOX = ForwardedZone("protobox", ("192.168.1.7",))


def test_the_zone_is_forwarded_with_directives_that_every_coredns_knows() -> None:
    plan = plan_zones(COREDNS, [PROTOBOX], [], "dev")
    assert plan.owned == ("protobox:53",)
    assert plan.text.removeprefix(COREDNS) == (
        "\n# protobox-cd, stack dev: the next pulumi up undoes changes to this block\n"
        "protobox:53 {\n    errors\n    cache 30\n    forward . 192.168.1.7\n}\n"
    )


def test_port_and_bind_are_those_of_the_root_block() -> None:
    plan = plan_zones(NODELOCALDNS.replace(":53", ":5353"), [PROTOBOX], [], "dev")
    block = parse(plan.text).server_blocks[-1]
    assert block.keys == ("protobox:5353",)
    assert block.bind == ("169.254.25.10",)


def test_a_plan_is_stable() -> None:
    once = plan_zones(NODELOCALDNS, [PROTOBOX], [], "dev")
    assert plan_zones(once.text, [PROTOBOX], once.owned, "dev") == once


def test_another_server_is_written_in_place_and_a_zone_less_is_cut() -> None:
    both = plan_zones(COREDNS, [PROTOBOX, ForwardedZone("lab", ("10.0.0.1",))], [], "dev")
    moved = plan_zones(both.text, [ForwardedZone("protobox", ("192.168.1.8",))], both.owned, "dev")
    assert moved == plan_zones(COREDNS, [ForwardedZone("protobox", ("192.168.1.8",))], [], "dev")


def test_a_block_that_an_interrupted_up_has_left_is_recognised_by_its_comment() -> None:
    interrupted = plan_zones(COREDNS, [PROTOBOX], [], "dev").text
    plan = plan_zones(interrupted, [PROTOBOX], [], "dev")
    assert (plan.text, plan.owned, plan.left) == (interrupted, ("protobox:53",), ())


def test_a_block_that_lost_its_comment_in_a_migration_is_still_ours() -> None:
    migrated = plan_zones(COREDNS, [PROTOBOX], [], "dev").text.replace("#", "# was:", 1)
    plan = plan_zones(migrated, [ForwardedZone("protobox", ("192.168.1.8",))], ["protobox:53"], "dev")
    assert parse(plan.text).server_blocks[-1].named("forward")[0].args == (".", "192.168.1.8")
    assert plan_zones(plan.text, [], plan.owned, "dev").owned == ()


KUBESPRAY = (
    "protobox {\n    log\n    errors {\n    }\n    forward . 192.168.1.7\n    loadbalance\n    cache 5\n}\n"
)


def test_when_ours_is_gone_the_block_of_somebody_else_on_another_address_is_not_cut_in_its_place() -> None:
    theirs = "protobox:53 {\n    bind 169.254.25.11\n    forward . 192.168.1.99\n}\n"
    assert cut_ours(NODELOCALDNS + theirs, ["protobox:53"]) == NODELOCALDNS + theirs
    both = plan_zones(NODELOCALDNS + theirs, [PROTOBOX], [], "dev").text
    assert cut_ours(both, ["protobox:53"]) == NODELOCALDNS + theirs


def test_a_block_that_lost_its_comment_is_cut_where_it_is_bound_as_ours() -> None:
    written = plan_zones(NODELOCALDNS, [PROTOBOX], [], "dev").text
    bare = "".join(line for line in written.splitlines(keepends=True) if not line.startswith("#"))
    assert cut_ours(bare, ["protobox:53"]).rstrip() == NODELOCALDNS.rstrip()


def test_a_zone_already_served_by_kubespray_is_left_to_kubespray() -> None:
    plan = plan_zones(KUBESPRAY + COREDNS, [PROTOBOX], [], "dev")
    assert (plan.text, plan.owned, plan.left) == (KUBESPRAY + COREDNS, (), ("protobox:53",))


def test_a_zone_that_somebody_else_serves_differently_is_refused() -> None:
    other = KUBESPRAY.replace("192.168.1.7", "192.168.1.9")
    with pytest.raises(CorefileError, match="somebody else answers for protobox:53, and not as this stack"):
        plan_zones(other + COREDNS, [PROTOBOX], [], "dev")


def test_the_block_of_another_stack_is_left_to_that_stack() -> None:
    prod = plan_zones(COREDNS, [PROTOBOX], [], "prod").text
    plan = plan_zones(prod, [PROTOBOX], [], "dev")
    assert (plan.text, plan.owned, plan.left) == (prod, (), ("protobox:53",))


def test_a_name_is_rewritten_for_consul_and_the_answer_is_rewritten_back() -> None:
    zone = ForwardedZone("protobox", ("192.168.1.7:8600",), 30, (("git.protobox", "git.service.consul"),))
    block = parse(plan_zones(COREDNS, [zone], [], "dev").text).server_blocks[-1]
    (rewrite,) = block.named("rewrite")
    assert rewrite.args == ("stop",)
    assert rewrite.body == (
        ("name", "regex", r"^git\.protobox\.$", "git.service.consul."),
        ("answer", "name", r"^git\.service\.consul\.$", "git.protobox."),
    )


def test_a_backup_server_is_asked_only_when_the_first_is_silent() -> None:
    zone = ForwardedZone("protobox", ("192.168.1.7", "192.168.1.8"), policy="sequential")
    (forward,) = parse(plan_zones(COREDNS, [zone], [], "dev").text).server_blocks[-1].named("forward")
    assert (forward.args, forward.body) == (
        (".", "192.168.1.7", "192.168.1.8"),
        (("policy", "sequential"),),
    )


@pytest.mark.parametrize("server", ["169.254.25.10", "169.254.25.10:53"])
def test_a_server_that_is_the_resolver_itself_is_refused_as_a_loop(server: str) -> None:
    with pytest.raises(CorefileError, match="is this resolver itself"):
        plan_zones(NODELOCALDNS, [ForwardedZone("protobox", (server,))], [], "dev")


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1:8600", "10.0.0.1"),
        ("[fd00::7]:53", "fd00::7"),
        ("fd00::7", "fd00::7"),
    ],
)
def test_the_address_of_a_server_is_found_in_every_form(server: str, address: str) -> None:
    assert ForwardedZone.address(server) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("example.org {\n    errors\n}\n", "no server block for `.`"),
        (".:53 {\n}\n.:5353 {\n}\n", "different ports"),
        ("errors\n", "no braces"),
    ],
)
def test_a_corefile_whose_root_is_not_clear_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CorefileError, match=reason):
        plan_zones(text, [PROTOBOX], [], "dev")
