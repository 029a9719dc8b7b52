"""Planning a Corefile: whose block is it, and what has to stand in it."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, parse
from components.dns.plan import Ownership
from components.dns.zones import ForwardedZone, server_address
from tests.dns.planning import COREDNS, NODELOCALDNS, PROTOBOX, again, cut_again, planned

MARKER = "# protobox-cd, stack dev: the next pulumi up undoes changes to this block\n"


def test_the_block_has_the_prometheus_line_of_the_block_for_the_root() -> None:
    text = COREDNS.replace("    errors\n", "    errors\n    prometheus {$MY_HOST_IP}:9153\n")
    block = planned(text).text.removeprefix(text)
    assert '    prometheus "{$MY_HOST_IP}:9153"\n' in block  # CoreDNS looks for variables in quotes, too
    assert planned(COREDNS).written[0].count("prometheus") == 0
    plain = planned(COREDNS)
    older = Ownership("dev", plain.owned, (), (PROTOBOX,))  # an early state without texts
    assert planned(text + plain.text.removeprefix(COREDNS), ours=older).text == text + block


def test_two_blocks_for_the_root_with_other_metrics_give_none() -> None:
    roots = "".join(
        f".:53 {{\n    bind 10.0.0.{n}\n    prometheus :915{n}\n    forward . 8.8.8.8\n}}\n" for n in (1, 2)
    )
    assert "prometheus" not in planned(roots).written[0]


def test_the_zone_is_forwarded_with_directives_that_every_coredns_knows() -> None:
    plan = planned(COREDNS)
    assert plan.owned == ("protobox:53",)
    assert plan.text.removeprefix(COREDNS) == (
        "\n# protobox-cd, stack dev: the next pulumi up undoes changes to this block\n"
        "protobox:53 {\n    errors\n    cache 30\n    forward . 192.168.1.7\n}\n"
    )


def test_port_and_bind_are_those_of_the_root_block() -> None:
    plan = planned(NODELOCALDNS.replace(":53", ":5353"))
    block = parse(plan.text).server_blocks[-1]
    assert block.keys == ("protobox:5353",)
    assert block.bind == ("169.254.25.10",)


def test_a_plan_is_stable() -> None:
    once = planned(NODELOCALDNS)
    assert again(once) == once


def test_another_server_is_written_in_place_and_a_zone_less_is_cut() -> None:
    both = planned(COREDNS, [PROTOBOX, ForwardedZone("lab", ("10.0.0.1",))])
    moved = again(both, [ForwardedZone("protobox", ("192.168.1.8",))])
    assert moved == planned(COREDNS, [ForwardedZone("protobox", ("192.168.1.8",))])


def test_a_block_that_an_interrupted_up_has_left_is_recognised_by_its_comment() -> None:
    interrupted = planned(COREDNS).text
    plan = planned(interrupted)
    assert (plan.text, plan.owned, plan.served_by_others) == (interrupted, ("protobox:53",), ())


@pytest.mark.parametrize("known_by", ["its text", "the zones of the last up"])
def test_a_block_that_lost_its_comment_in_a_migration_is_still_ours(known_by: str) -> None:
    done = planned(COREDNS)
    migrated = done.text.replace(MARKER, "")
    written, before = (done.written, ()) if known_by == "its text" else ((), [PROTOBOX])
    moved = [ForwardedZone("protobox", ("192.168.1.8",))]
    plan = planned(migrated, moved, Ownership("dev", done.owned, written, before))
    assert parse(plan.text).server_blocks[-1].named("forward")[0].args == (".", "192.168.1.8")
    assert again(plan, []).text.rstrip() == COREDNS.rstrip()


def test_a_block_without_our_comment_and_with_another_text_is_no_longer_ours() -> None:
    done = planned(COREDNS)
    taken_over = done.text.replace(MARKER, "").replace(
        "    errors\n    cache 30\n    forward", "    log\n    forward"
    )
    plan = again(done, text=taken_over)
    assert (plan.text, plan.owned, plan.served_by_others) == (taken_over, (), ("protobox:53",))
    assert cut_again(done, taken_over) == taken_over


def test_a_comment_of_somebody_below_ours_stays_and_ours_goes() -> None:
    done = planned(COREDNS)
    commented = done.text.replace("protobox:53 {", "# ask Anna\nprotobox:53 {")
    assert cut_again(done, commented) == COREDNS + "# ask Anna\n"


def test_a_comment_of_ours_whose_block_is_gone_is_taken_away_too() -> None:
    done = planned(COREDNS)
    orphaned = done.text[: done.text.index("protobox:53")]
    assert again(done, text=orphaned) == done
    assert cut_again(done, orphaned) == COREDNS


def test_a_comment_of_ours_that_now_stands_above_the_block_of_somebody_else_does_not_make_it_ours() -> None:
    theirs = "other:53 {\n    errors\n    log\n    forward . 10.0.0.9\n}\n"
    text = COREDNS + MARKER + theirs
    assert theirs in planned(text).text
    assert cut_again(planned(COREDNS), text) == COREDNS + theirs


def test_a_block_under_our_comment_that_neither_state_nor_stack_file_name_is_told_and_stays() -> None:
    left_over = planned(COREDNS, [ForwardedZone("lab", ("10.0.0.1",))]).text
    plan = planned(left_over)
    assert plan.text.startswith(left_over)
    assert "the server block for lab:53 has this stack's comment" in plan.warnings[0]


KUBESPRAY = (
    "protobox {\n    log\n    errors {\n    }\n    forward . 192.168.1.7\n    loadbalance\n    cache 5\n}\n"
)


def test_when_ours_is_gone_the_block_of_somebody_else_on_another_address_is_not_cut_in_its_place() -> None:
    theirs = "protobox:53 {\n    bind 169.254.25.11\n    forward . 192.168.1.99\n}\n"
    done = planned(NODELOCALDNS + theirs)
    assert cut_again(done, NODELOCALDNS + theirs) == NODELOCALDNS + theirs
    assert cut_again(done) == NODELOCALDNS + theirs


def test_what_kubespray_renders_in_the_place_of_ours_is_kubesprays() -> None:
    done = planned(COREDNS)
    rendered = KUBESPRAY + COREDNS
    plan = again(done, text=rendered)
    assert (plan.text, plan.owned, plan.served_by_others) == (rendered, (), ("protobox:53",))
    assert cut_again(done, rendered) == cut_again(plan) == rendered
    assert again(plan, text=COREDNS) == done


def test_ours_goes_in_the_same_write_where_somebody_else_serves_the_zone_beside_it() -> None:
    both = KUBESPRAY + planned(COREDNS).text
    plan = planned(both)
    assert (plan.text, plan.owned, plan.served_by_others) == (KUBESPRAY + COREDNS, (), ("protobox:53",))


def test_one_block_of_kubesprays_for_two_zones_is_left_to_it() -> None:
    both = KUBESPRAY.replace("protobox {", "protobox lab {") + COREDNS
    assert planned(both, [PROTOBOX, ForwardedZone("lab", ("192.168.1.7",))]).served_by_others == (
        "protobox:53",
        "lab:53",
    )


def test_a_zone_already_served_by_kubespray_is_left_to_kubespray() -> None:
    plan = planned(KUBESPRAY + COREDNS)
    assert (plan.text, plan.owned, plan.served_by_others) == (KUBESPRAY + COREDNS, (), ("protobox:53",))


def test_a_zone_that_somebody_else_serves_differently_is_refused() -> None:
    other = KUBESPRAY.replace("192.168.1.7", "192.168.1.9")
    with pytest.raises(CorefileError, match="somebody else answers for protobox:53, and not as this stack"):
        planned(other + COREDNS)


def test_the_block_of_another_stack_is_left_to_that_stack() -> None:
    prod = planned(COREDNS, [PROTOBOX], Ownership("prod")).text
    plan = planned(prod)
    assert (plan.text, plan.owned, plan.served_by_others) == (prod, (), ("protobox:53",))


def test_a_name_is_rewritten_for_consul_and_the_answer_is_rewritten_back() -> None:
    zone = ForwardedZone("protobox", ("192.168.1.7:8600",), 30, (("git.protobox", "git.service.consul"),))
    block = parse(planned(COREDNS, [zone]).text).server_blocks[-1]
    (rewrite,) = block.named("rewrite")
    assert rewrite.args == ("stop",)
    assert rewrite.body == (
        ("name", "regex", r"^git\.protobox\.$", "git.service.consul."),
        ("answer", "name", r"^git\.service\.consul\.$", "git.protobox."),
    )


def test_a_backup_server_is_asked_only_when_the_first_is_silent() -> None:
    zone = ForwardedZone("protobox", ("192.168.1.7", "192.168.1.8"), policy="sequential")
    (forward,) = parse(planned(COREDNS, [zone]).text).server_blocks[-1].named("forward")
    assert (forward.args, forward.body) == (
        (".", "192.168.1.7", "192.168.1.8"),
        (("policy", "sequential"),),
    )


@pytest.mark.parametrize("server", ["169.254.25.10", "169.254.25.10:53"])
def test_a_server_that_is_the_resolver_itself_is_refused_as_a_loop(server: str) -> None:
    with pytest.raises(CorefileError, match="is this resolver itself"):
        planned(NODELOCALDNS, [ForwardedZone("protobox", (server,))])


def test_a_server_on_the_resolvers_address_and_another_port_is_no_loop() -> None:
    assert planned(NODELOCALDNS, [ForwardedZone("protobox", ("169.254.25.10:5353",))]).owned


def test_our_block_listens_on_all_ports_of_the_blocks_for_the_root() -> None:
    (block,) = parse(planned(".:53 .:1053 {\n    errors\n}\n").text).server_blocks[1:]
    assert block.keys == ("protobox:53", "protobox:1053")


def test_our_block_listens_on_all_addresses_of_the_blocks_for_the_root_but_for_those_left_out() -> None:
    text = ".:53 {\n    bind eth0 lo {\n        except 127.0.0.1\n    }\n}\n.:53 {\n    bind 10.0.0.53\n}\n"
    (block,) = parse(planned(text).text).server_blocks[2:]
    assert [(line.args, line.body) for line in block.named("bind")] == [
        (("eth0", "lo"), (("except", "127.0.0.1"),)),
        (("10.0.0.53",), ()),
    ]


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("10.0.0.1", ("10.0.0.1", 53)),
        ("10.0.0.1:8600", ("10.0.0.1", 8600)),
        ("[fd00::7]:53", ("fd00::7", 53)),
        ("fd00:0:0::7", ("fd00::7", 53)),
        ("dns://10.0.0.1", ("10.0.0.1", 53)),
    ],
)
def test_address_and_port_of_a_server_are_found_in_every_form(server: str, address: tuple[str, int]) -> None:
    assert server_address(server) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("example.org {\n    errors\n}\n", "no server block for `.`"),
        (".:53 {\n}\n.:5353 {\n    bind 10.0.0.1\n}\n", "different ports of different addresses"),
        (".:53 {\n    bind {$NODE}\n}\n", "environment"),
        (".:53 {\n    view v {\n        expr true\n    }\n}\n", "answers some clients only"),
        ("errors\n", "no braces"),
    ],
)
def test_a_corefile_whose_root_is_not_clear_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CorefileError, match=reason):
        planned(text)
