"""Labels, annotations and namespaces are refused as Kubernetes refuses them, with a better one to write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stackfile.object_names import (
    annotation_problems,
    is_namespace,
    is_qualified,
    label_problems,
    suggested_namespace,
)


@pytest.mark.parametrize("value", ["", "a", "1.4", "a_b-c.D", "x" * 63])
def test_a_value_of_a_label_is_fine(value: str) -> None:
    assert list(label_problems({"team": value})) == []


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("a b", "write a-b"),
        ("docs@protobox", "write docs-protobox"),
        ("-", "write docs"),
        ("x" * 64, "write x"),
    ],
)
def test_a_value_that_is_refused_has_a_nearest(value: str, fix: str) -> None:
    (problem,) = label_problems({"team": value})
    assert problem.fix.startswith(fix)


@pytest.mark.parametrize("key", ["team", "docs.protobox/part-of", "A_b.C", "x" * 63, "kubernetes.io/x"])
def test_a_key_is_fine(key: str) -> None:
    assert is_qualified(key)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a/b/c", "Docs/x", "a b", "-a", "x" * 64, f"{'x' * 254}/a"])
def test_a_key_that_is_refused_is_replaced(key: str) -> None:
    assert not is_qualified(key)
    assert all("in place of" in problem.fix for problem in label_problems({key: "a"}))


def test_the_domain_of_an_annotation_may_have_capitals() -> None:
    assert list(annotation_problems({"Docs.protobox/x": "any\ntext"})) == []
    assert [problem.key for problem in annotation_problems({"a b": ""})] == ["a b"]


def test_annotations_may_not_be_too_long_together() -> None:
    (problem,) = annotation_problems({"a": "x" * 200_000, "b": "y" * 100_000})
    assert (problem.key, "300,002 bytes" in problem.what) == ("a", True)


@given(st.text(max_size=80))
def test_a_suggested_namespace_is_one(text: str) -> None:
    found = suggested_namespace(text)
    assert not found or is_namespace(found)
