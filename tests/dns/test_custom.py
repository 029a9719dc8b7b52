"""Clusters that import `coredns-custom`: folder, suffix, port and address are the live ones."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, parse
from components.dns.mounts import Mount, Mounts, custom_key, custom_map, imported_folder
from components.dns.plan import Plan, Surroundings
from components.dns.zones import ForwardedZone
from tests.dns.planning import PROTOBOX, planned

FOLDER = "/etc/coredns/custom"
KEY = "protobox-cd-dev.server"
K3S = """\
.:53 {
    errors
    forward . /etc/resolv.conf
    import /etc/coredns/custom/*.override
}
import /etc/coredns/custom/*.server
"""


def in_custom(corefile: str, files: dict[str, str] | None = None, zone: ForwardedZone = PROTOBOX) -> Plan:
    texts = {f"{FOLDER}/{name}": text for name, text in (files or {}).items()}
    return planned(corefile, [zone], around=Surroundings(texts, own_file=f"{FOLDER}/{KEY}"))


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/etc/coredns/custom/*.server", (FOLDER, ".server")),
        ("custom/*.server", (FOLDER, ".server")),
        ("./custom/*.include", (FOLDER, ".include")),
        ("/custom/*.custom", ("/custom", ".custom")),
        ("custom/*", (FOLDER, ".server")),
        ("/etc/coredns/custom/one.server", None),
        ("/etc/other/*.conf", None),
    ],
)
def test_folder_and_suffix_are_those_that_the_live_import_names(
    target: str, found: tuple[str, str] | None
) -> None:
    assert imported_folder(f".:53 {{\n}}\nimport {target}\n") == found


def test_an_import_inside_a_server_block_brings_no_server_blocks() -> None:
    assert imported_folder(".:53 {\n    import custom/*.override\n}\n") is None


def test_the_config_map_is_the_one_that_the_pods_have_there() -> None:
    place = Mounts("/etc/coredns/Corefile", (Mount("coredns", "/etc/coredns"), Mount("mine", FOLDER)))
    assert custom_map(place, FOLDER) == custom_map(place) == "mine"
    assert custom_map(place, "/custom") == custom_map(None, FOLDER) == "coredns-custom"


def test_a_stack_has_a_key_of_its_own() -> None:
    assert custom_key("dev", ".server") == KEY
    assert custom_key("a/b c", ".server") == "protobox-cd-a-b-c.server"


def test_the_zone_is_written_with_the_port_of_the_live_root_block() -> None:
    plan = in_custom(K3S.replace(":53", ":8053"))
    (block,) = parse(plan.text).server_blocks
    assert block.keys == plan.owned == ("protobox:8053",)


def test_a_plan_is_stable() -> None:
    once = in_custom(K3S)
    assert in_custom(K3S, {KEY: once.text}) == once


@pytest.mark.parametrize("where", ["corefile", "file"])
def test_a_zone_that_somebody_else_has_put_there_is_left_or_refused(where: str) -> None:
    alike = "protobox {\n    forward . 192.168.1.7\n}\n"
    corefile, files = (alike + K3S, {}) if where == "corefile" else (K3S, {"anna.server": alike})
    plan = in_custom(corefile, files)
    assert (plan.text, plan.owned, plan.served_by_others) == ("", (), ("protobox:53",))
    with pytest.raises(CorefileError, match="somebody else answers for protobox:53"):
        in_custom(corefile, files, ForwardedZone("protobox", ("10.0.0.1",)))


def test_what_others_have_put_into_the_block_for_the_root_is_taken_into_account() -> None:
    files = {"anna.override": "hosts {\n    10.0.0.9 registry.protobox\n    fallthrough\n}\n"}
    (name,) = in_custom(K3S, files).taken
    assert str(name) == f"registry.protobox (hosts, {FOLDER}/anna.override, line 1)"
