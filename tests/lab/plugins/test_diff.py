import pytest

from lab.plugins.diff import (
    Change,
    Changes,
    compare,
    format_path,
    mark_replacements,
    parse_path,
    without_ignored,
)
from lab.plugins.properties import UNKNOWN


def test_only_the_property_that_differs_is_reported() -> None:
    old = {"spec": {"source": {"path": "a", "repoURL": "x"}, "project": "default"}}
    new = {"spec": {"source": {"path": "b", "repoURL": "x"}, "project": "default"}}
    assert compare(old, old, new) == {("spec", "source", "path"): Change("update")}


def test_what_the_cluster_added_is_no_change() -> None:
    wanted = {"spec": {"replicas": 1}}
    live = {"spec": {"replicas": 1, "strategy": {"type": "RollingUpdate"}}, "status": {"replicas": 1}}
    assert compare(wanted, live, wanted) == {}


def test_a_property_that_left_the_program_is_deleted() -> None:
    old = {"spec": {"a": 1, "b": 2}}
    assert compare(old, old, {"spec": {"a": 1}}) == {("spec", "b"): Change("delete")}


def test_a_property_that_is_gone_from_the_cluster_too_needs_no_deletion() -> None:
    assert compare({"a": 1}, {}, {}) == {}


def test_drift_is_an_update_back_to_the_program() -> None:
    wanted = {"data": {"a": "1"}}
    assert compare(wanted, {"data": {"a": "2"}}, wanted) == {("data", "a"): Change("update")}


def test_lists_are_compared_item_by_item() -> None:
    old = {"hosts": [{"ip": "1", "names": ["a"]}, {"ip": "2"}]}
    new = {"hosts": [{"ip": "1", "names": ["a", "b"]}]}
    assert compare(old, old, new) == {
        ("hosts", 0, "names", 1): Change("add"),
        ("hosts", 1): Change("delete"),
    }


def test_a_key_missing_inside_a_list_is_a_deletion() -> None:
    old = {"items": [{"a": 1, "b": 2}]}
    assert compare(old, old, {"items": [{"a": 1}]}) == {("items", 0, "b"): Change("delete")}


def test_an_unknown_value_is_a_change() -> None:
    old = {"a": 1}
    assert compare(old, old, {"a": UNKNOWN, "b": UNKNOWN}) == {
        ("a",): Change("update"),
        ("b",): Change("add"),
    }


def test_true_is_not_one() -> None:
    assert compare({"a": 1}, {"a": 1}, {"a": True}) == {("a",): Change("update")}


def test_one_and_one_point_zero_are_the_same_number() -> None:
    assert compare({"a": 1}, {"a": 1}, {"a": 1.0}) == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "source", "path"), "spec.source.path"),
        (("data", "a.b"), 'data["a.b"]'),
        (("values", "global", "hostAliases", 0), "values.global.hostAliases[0]"),
        (("a", 'quote"d.key'), 'a["quote\\"d.key"]'),
    ],
)
def test_paths_are_written_as_the_engine_reads_them(path: tuple[str | int, ...], text: str) -> None:
    assert format_path(path) == text
    assert parse_path(text) == path


def test_a_change_below_a_fixed_field_replaces() -> None:
    changes: Changes = {
        ("spec", "selector", "matchLabels", "app"): Change("update"),
        ("spec", "replicas"): Change("update"),
    }
    marked = mark_replacements(changes, [("spec", "selector")], {})
    assert {path for path, change in marked.items() if change.replace} == {
        ("spec", "selector", "matchLabels", "app")
    }


def test_a_star_stands_for_any_item() -> None:
    path = ("spec", "containers", 1, "image")
    (change,) = mark_replacements(
        {path: Change("update")}, [parse_path("spec.containers[*].image")], {}
    ).values()
    assert change.replace


def test_adding_an_object_replaces_only_if_a_fixed_field_is_in_it() -> None:
    pattern = [("spec", "selector")]
    added: Changes = {("spec",): Change("add")}
    assert mark_replacements(added, pattern, {"spec": {"selector": {}}})["spec",].replace
    assert not mark_replacements(added, pattern, {"spec": {"replicas": 1}})["spec",].replace


def test_ignored_paths_hide_what_is_below_them() -> None:
    changes: Changes = {("spec", "source", "path"): Change("update"), ("spec", "project"): Change("update")}
    assert set(without_ignored(changes, ["spec.source"])) == {("spec", "project")}
    assert set(without_ignored(changes, ["spec.source.path.deeper"])) == set(changes)
