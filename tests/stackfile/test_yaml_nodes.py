"""Looking into YAML nodes, through what `<<` takes over from other mappings."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.stackfile import yaml_nodes
from components.stackfile.kubectl_yaml import value_of

TEXT = """\
base: &base {user: a, password: b}
more: &more {password: c, port: 1}
one: {<<: *base, user: d}
several: {<<: [*more, *base]}
quoted: {"<<": *base}
chain: &chain {<<: *base, port: 2}
last: {password: e, <<: *chain}
odd: {<<: 5, user: f}
"""


def composed(text: str) -> yaml.Node:
    root = yaml.compose(text)
    assert root is not None
    return root


@pytest.fixture
def root() -> yaml.Node:
    return composed(TEXT)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (["one", "password"], "b", 1),
        (["one", "user"], "d", 3),
        (["several", "password"], "c", 2),
        (["several", "user"], "a", 1),
        (["last", "user"], "a", 1),
        (["last", "password"], "e", 7),
        (["last", "port"], "2", 6),
        (["odd", "user"], "f", 8),
    ],
)
def test_what_is_taken_over_is_found_where_it_stands(
    root: yaml.Node, path: list[str], value: str, line: int
) -> None:
    *_, (place, found) = yaml_nodes.along(root, path)
    assert (yaml_nodes.text(found), place[0]) == (value, line)


def test_a_quoted_merge_key_is_a_key_like_any_other(root: yaml.Node) -> None:
    assert yaml_nodes.position_of(root, ["quoted", "user"]) == (5, 1)


def test_a_mapping_that_takes_over_itself_has_its_own_keys() -> None:
    assert [key for key, _ in yaml_nodes.children(composed("&a {<<: *a, x: 1}"))] == ["x"]


KEYS = st.sampled_from("abc")
MAPPINGS = st.lists(st.dictionaries(KEYS, st.integers(0, 9)), min_size=1, max_size=3)


@given(MAPPINGS, st.dictionaries(KEYS, st.integers(0, 9)))
def test_nodes_and_values_agree_on_what_is_taken_over(
    taken: list[dict[str, Any]], own: dict[str, Any]
) -> None:
    anchors = "".join(f"m{number}: &m{number} {one}\n" for number, one in enumerate(taken))
    names = ", ".join(f"*m{number} " for number in range(len(taken)))
    merged = f"{anchors}found: {{<<: [{names}], {str(own)[1:]}\n".replace("'", '"')
    root = composed(merged)
    found = yaml_nodes.child(root, "found")
    assert found
    by_nodes = {key: int(yaml_nodes.text(value)) for key, value in yaml_nodes.children(found[1])}
    assert by_nodes == value_of(root)["found"]
