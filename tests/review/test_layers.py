from __future__ import annotations

from typing import Any

import pytest

from review.changes import Change
from review.details import explanation, is_drift
from review.guard import refusals
from review.words import Kind
from tests.review.built import layer, preview, step

EDITS = {"kube-system/coredns Corefile at resourceVersion 7": ["-    cache 30", "+    cache 60"]}


def zoned(**more: Any) -> dict[str, Any]:
    """Return a layer whose zone says more than its servers, as the last `up` has left it."""
    inputs = layer("192.168.1.7", "192.168.1.8", stack="dev", also=[], present=True, edits={})
    inputs["zones"][0] |= more
    return inputs


def told(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, str]:
    """Return the change of a layer, and its line in the table."""
    found = preview(step("update", Kind.DNS_LAYER, "coredns", old=old, new={**new, "edits": EDITS}))
    (change,) = found.changes
    return change, explanation(change)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"cacheSeconds": 60}, "zone `protobox`: `cacheSeconds`: `30` → `60`"),
        ({"policy": "sequential"}, "zone `protobox`: `policy`: `random` → `sequential`"),
    ],
)
def test_another_setting_of_a_zone_is_not_taken_for_an_edit_by_hand(more: dict[str, Any], line: str) -> None:
    change, explained = told(zoned(), zoned(**more))
    assert not is_drift(change)
    assert explained == line


def test_a_layer_that_has_come_since_is_not_taken_for_an_edit_by_hand() -> None:
    change, explained = told({**zoned(), "present": False}, zoned())
    assert not is_drift(change)
    assert explained == "zone `protobox`: `192.168.1.7`, `192.168.1.8`"


def test_the_same_block_again_was_edited_by_hand() -> None:
    change, explained = told(zoned(), zoned())
    assert is_drift(change)
    assert explained == "somebody has changed the Corefile since; our block is put back"


def test_a_stack_with_another_name_writes_its_block_anew_without_any_edit_by_hand() -> None:
    change, _ = told(zoned(), {**zoned(), "stack": "prod"})
    assert not is_drift(change)


def test_a_layer_that_the_cluster_does_not_have_forwards_nothing_and_needs_no_guard() -> None:
    absent = {**zoned(), "present": False, "owned": {}}
    assert refusals(preview(step("delete", Kind.DNS_LAYER, "nodelocaldns", old=absent))) == []
