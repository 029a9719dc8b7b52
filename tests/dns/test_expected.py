from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.dns.expected import expected_edits, remembered
from components.dns.zones import ForwardedZone

ZONE = ForwardedZone("protobox", ("192.168.1.7",))
SEEN: dict[str, Any] = {"present": True, "owned": {"Corefile": ["protobox:53"]}, "left": {}}
PLACE = "kube-system/coredns"
TITLE = f"{PLACE} Corefile, not read since PROTOBOX_OFFLINE is set"


def edits(
    before: list[ForwardedZone], after: list[ForwardedZone], seen: dict[str, Any]
) -> dict[str, list[str]]:
    return expected_edits(PLACE, before, after, seen, "dev")


def test_a_layer_that_nobody_has_looked_at_shows_the_block_that_will_be_written() -> None:
    shown = edits([], [ZONE], {})
    assert list(shown) == [TITLE]
    assert shown[TITLE][1:] == [
        "+protobox:53 {",
        "+    errors",
        "+    cache 30",
        "+    forward . 192.168.1.7",
        "+}",
    ]


def test_what_does_not_change_in_the_stack_file_changes_nothing() -> None:
    assert edits([ZONE], [ZONE], SEEN) == {}


def test_another_server_is_one_line_less_and_one_more() -> None:
    shown = edits([ZONE], [replace(ZONE, servers=("192.168.1.8",))], SEEN)[TITLE]
    assert [line for line in shown if line[0] in "+-"] == [
        "-    forward . 192.168.1.7",
        "+    forward . 192.168.1.8",
    ]
    assert " protobox:53 {" in shown


def test_the_port_is_the_one_that_was_seen_last() -> None:
    seen = {**SEEN, "owned": {"Corefile": ["protobox:1053"]}}
    assert "+office:1053 {" in edits([ZONE], [ZONE, replace(ZONE, zone="office")], seen)[TITLE]


def test_each_corefile_of_the_layer_is_shown() -> None:
    seen = {**SEEN, "owned": {"Corefile": ["protobox:53"], "Corefile-second": ["protobox:53"]}}
    assert len(edits([ZONE], [], seen)) == 2


def test_a_zone_that_somebody_else_serves_already_is_left_to_them() -> None:
    assert edits([], [ZONE], {**SEEN, "owned": {}, "left": {"Corefile": ["protobox:53"]}}) == {}


def test_a_layer_that_was_not_there_gets_no_block() -> None:
    assert edits([ZONE], [replace(ZONE, cache_seconds=5)], {"present": False}) == {}


def test_only_what_the_state_knows_is_kept_of_a_layer() -> None:
    assert remembered({**SEEN, "edits": {"a": []}}) == SEEN
    assert remembered({}) == {}


names = st.sampled_from(["protobox", "office", "lab"])
zones = st.lists(
    st.builds(ForwardedZone, names, st.tuples(st.ip_addresses(v=4).map(str))),
    unique_by=lambda zone: zone.zone,
)


@given(zones, zones)
def test_the_lines_turn_the_blocks_of_before_into_those_of_after(
    before: list[ForwardedZone], after: list[ForwardedZone]
) -> None:
    (lines,) = edits(before, after, SEEN).values() or [[]]
    kept = {sign: [line[1:] for line in lines if line[0] in {sign, " "}] for sign in "-+"}
    for sign, side in (("-", before), ("+", after)):
        told = [line.removesuffix(":53 {") for line in kept[sign] if line.endswith("{")]
        if before != after:
            assert told == [zone.zone for zone in side]
