from __future__ import annotations

from typing import Any

import pytest

from review.changes import SECRET, Change
from review.details import _UNKNOWN as UNKNOWN
from review.details import differences
from tests.review.built import application, preview, step


def changed(old: dict[str, Any], new: dict[str, Any], *paths: str) -> list[str]:
    (change,) = preview({**step("update", old=old, new=new), "detailedDiff": dict.fromkeys(paths)}).changes
    return differences(change)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"a": 1}, {"a": 2}, "`a`: `1` → `2`"),
        ({"a": True}, {"a": False}, "`a`: `true` → `false`"),
        ({"a": "x"}, {"a": None}, "`a`: `x` → `null`"),
        ({"a": 1}, {"a": 1, "b": {"c": 2}}, "`b.c`: `2` is new"),
        ({"a": 1, "b": [7]}, {"a": 1}, "`b[0]`: `7` goes"),
        ({"a": {"x.y/z": 1}}, {"a": {"x.y/z": 2}}, '`a["x.y/z"]`: `1` → `2`'),
        ({"a": "x"}, {"a": UNKNOWN}, "`a`: `x` → *known after `up`*"),
        ({"a": "x"}, {"a": SECRET}, "`a` (secret) changes"),
    ],
)
def test_a_difference_is_told_by_its_field(old: dict[str, Any], new: dict[str, Any], told: str) -> None:
    assert changed(old, new) == [told]


def test_the_fields_of_an_application_have_the_names_of_the_stack_file() -> None:
    assert changed(application(revision="CD"), application(revision="main")) == ["`revision`: `CD` → `main`"]


def test_a_secret_that_changes_is_told_although_both_sides_look_alike() -> None:
    inputs = {"spec": {"password": SECRET, "user": "me"}}
    assert changed(inputs, inputs, "spec.password") == ["`password` (secret) changes"]


def test_what_only_the_engine_sees_is_told_too() -> None:
    inputs = {"metadata": {"name": "x"}}
    assert changed(inputs, inputs, "status.phase") == ["`status.phase` changes"]


def test_a_difference_is_told_once() -> None:
    assert len(changed({"values": {"a": 1}}, {"values": {"a": 2}}, "values")) == 1


def test_what_is_new_has_no_differences() -> None:
    (change,) = preview(step("create", new=application())).changes
    assert isinstance(change, Change)
    assert differences(change) == []
