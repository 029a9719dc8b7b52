"""Mappings are merged deeply, and neither argument is changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.stackfile.merging import deep_merge

VALUES = st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


def test_mappings_are_merged_key_by_key_and_lists_are_replaced() -> None:
    base = {"server": {"replicas": 1, "args": ["a"]}, "dex": {"enabled": True}}
    assert deep_merge(base, {"server": {"args": ["b"]}, "dex": None}) == {
        "server": {"replicas": 1, "args": ["b"]},
        "dex": None,
    }


@given(MAPPINGS, MAPPINGS)
def test_merging_changes_neither_argument_and_is_idempotent(
    base: dict[str, Any], over: dict[str, Any]
) -> None:
    before = deepcopy((base, over))
    merged = deep_merge(base, over)
    assert (base, over) == before
    assert deep_merge(merged, over) == merged
