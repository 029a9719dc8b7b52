from __future__ import annotations

import json

import pytest

from review.plan import plan_json
from tests.review.built import preview, step
from tests.review.real_previews import real


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("first-deploy", {"create": 9, "update": 0, "delete": 0}),
        ("no-changes", {"create": 0, "update": 0, "delete": 0}),
        ("to-host-aliases", {"create": 2, "update": 2, "delete": 3}),
        ("another-namespace", {"create": 6, "update": 1, "delete": 6}),
    ],
)
def test_the_widget_gets_whole_numbers_and_a_replacement_counts_twice(
    name: str, counts: dict[str, int]
) -> None:
    assert json.loads(plan_json(real(name))) == counts


def test_what_is_adopted_or_read_is_no_change() -> None:
    assert json.loads(plan_json(preview(step("import", name="a"), step("read", name="b")))) == {
        "create": 0,
        "update": 0,
        "delete": 0,
    }
