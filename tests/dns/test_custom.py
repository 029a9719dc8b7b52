"""Clusters that import `coredns-custom`: the suffix, the port and the address are the live ones."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, parse
from components.dns.custom import custom_key, imported_suffix, plan_custom
from components.dns.zones import ForwardedZone

K3S = """\
.:53 {
    errors
    forward . /etc/resolv.conf
    import /etc/coredns/custom/*.override
}
import /etc/coredns/custom/*.server
"""
PROTOBOX = ForwardedZone("protobox", ("192.168.1.7",))
KEY = "protobox-cd-dev.server"


@pytest.mark.parametrize(
    ("target", "suffix"),
    [
        ("/etc/coredns/custom/*.server", ".server"),
        ("custom/*.include", ""),
        ("/etc/coredns/custom/*.include", ".include"),
        ("/etc/coredns/custom/one.server", ""),
        ("/etc/other/*.conf", ""),
    ],
)
def test_the_suffix_is_the_one_that_the_live_import_names(target: str, suffix: str) -> None:
    assert imported_suffix(f".:53 {{\n}}\nimport {target}\n") == suffix


def test_an_import_inside_a_server_block_brings_no_server_blocks() -> None:
    assert imported_suffix(".:53 {\n    import /etc/coredns/custom/*.override\n}\n") == ""


def test_a_stack_has_a_key_of_its_own() -> None:
    assert custom_key("dev", ".server") == KEY
    assert custom_key("a/b c", ".server") == "protobox-cd-a-b-c.server"


def test_the_zone_is_written_with_the_port_of_the_live_root_block() -> None:
    plan = plan_custom(K3S.replace(":53", ":8053"), {}, KEY, [PROTOBOX], "dev")
    (block,) = parse(plan.text).server_blocks
    assert block.keys == plan.owned == ("protobox:8053",)


def test_a_plan_is_stable() -> None:
    once = plan_custom(K3S, {}, KEY, [PROTOBOX], "dev")
    assert plan_custom(K3S, {KEY: once.text}, KEY, [PROTOBOX], "dev") == once


@pytest.mark.parametrize("where", ["corefile", "file"])
def test_a_zone_that_somebody_else_has_put_there_is_left_or_refused(where: str) -> None:
    alike = "protobox {\n    forward . 192.168.1.7\n}\n"
    corefile, files = (alike + K3S, {}) if where == "corefile" else (K3S, {"anna.server": alike})
    plan = plan_custom(corefile, files, KEY, [PROTOBOX], "dev")
    assert (plan.text, plan.owned, plan.left) == ("", (), ("protobox:53",))
    with pytest.raises(CorefileError, match="somebody else answers for protobox:53"):
        plan_custom(corefile, files, KEY, [ForwardedZone("protobox", ("10.0.0.1",))], "dev")
