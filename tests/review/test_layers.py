from __future__ import annotations

from typing import Any

import pytest

from review.changes import Change
from review.effects import effects
from review.guard import refusals
from review.layers import is_drift
from review.picture import picture
from review.words import Kind, explanation
from tests.review.built import layer, preview, step

EDITS = {"kube-system/coredns Corefile at resourceVersion 7": ["-    cache 30", "+    cache 60"]}


def zoned(**more: Any) -> dict[str, Any]:
    """Return a layer whose zone says more than its servers, as the last `up` has left it."""
    inputs = layer("192.168.1.7", "192.168.1.8", stack="dev", also=[], present=True, edits={})
    inputs["zones"][0] |= more
    return inputs


def told(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, str, list[str]]:
    """Return the change of a layer, its line in the table, and its effects."""
    found = preview(step("update", Kind.DNS_LAYER, "coredns", old=old, new={**new, "edits": EDITS}))
    (change,) = found.changes
    return change, explanation(change), effects(found)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"cacheSeconds": 60}, "zone `protobox`: `cacheSeconds`: `30` → `60`"),
        ({"policy": "sequential"}, "zone `protobox`: `policy`: `random` → `sequential`"),
    ],
)
def test_another_setting_of_a_zone_is_not_taken_for_an_edit_by_hand(more: dict[str, Any], line: str) -> None:
    change, explained, (effect,) = told(zoned(), zoned(**more))
    assert not is_drift(change)
    assert explained == line
    assert effect == f"DNS: {line}"


def test_a_layer_that_has_come_since_is_not_taken_for_an_edit_by_hand() -> None:
    change, explained, (effect,) = told({**zoned(), "present": False}, zoned())
    assert not is_drift(change)
    assert explained == "zone `protobox`: `192.168.1.7`, `192.168.1.8`; the cluster has this layer now"
    assert effect == "DNS: the cluster has `coredns` now, and `up` writes our block to it"


def test_the_same_block_again_was_edited_by_hand() -> None:
    change, explained, (effect,) = told(zoned(), zoned())
    assert is_drift(change)
    assert explained == "somebody has changed the Corefile since; our block is put back"
    assert effect.startswith("DNS: somebody has changed the Corefile of `coredns`")


def test_a_stack_with_another_name_writes_its_block_anew_without_any_edit_by_hand() -> None:
    change, _, _ = told(zoned(), {**zoned(), "stack": "prod"})
    assert not is_drift(change)


DNSMASQ = {"dns": {"strategy": "dnsmasq", "zones": ["protobox", {"zone": "lab"}], "servers": ["192.168.1.7"]}}
ABSENT = {**zoned(), "present": False, "owned": {}}


def test_a_zone_that_another_layer_still_forwards_is_not_said_to_be_gone() -> None:
    gone = step("delete", Kind.DNS_LAYER, "nodelocaldns", old={**zoned(), "name": "nodelocaldns"})
    (effect,) = effects(preview(gone, config=DNSMASQ))
    assert effect == "DNS: `nodelocaldns` will no longer forward the zone `protobox`, and pods ask this layer"


def test_a_layer_that_the_cluster_does_not_have_forwards_nothing_and_needs_no_guard() -> None:
    gone = preview(step("delete", Kind.DNS_LAYER, "nodelocaldns", old=ABSENT), config=DNSMASQ)
    assert refusals(gone) == []
    assert effects(gone) == []
    there = step("create", Kind.DNS_LAYER, "coredns", new=layer("192.168.1.7"))
    drawn = picture(preview(there, step("create", Kind.DNS_LAYER, "nodelocaldns", new=ABSENT)))
    assert drawn.count("zone protobox") == 1
