from typing import Any

from lab.plugins.diff import Change, format_path
from lab.plugins.kubernetes.comparing import difference
from lab.plugins.kubernetes.manifest import AUTONAMED, Kind
from lab.plugins.kubernetes.settings import Settings
from lab.plugins.serve import Difference

CONFIG_MAP = Kind("v1", "ConfigMap")
OLD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "n"},
    "data": {"k": "1"},
}


def compared(
    new: dict[str, Any], *, old: dict[str, Any] = OLD, kind: Kind = CONFIG_MAP, **how: Any
) -> Difference:
    live = {**old, "metadata": {**old["metadata"], "uid": "1"}}
    defaults: dict[str, Any] = {"is_namespaced": True, "settings": Settings(), "ignored": ()}
    return difference(kind, old, live, new, **(defaults | how))


def changed(found: Difference) -> dict[str, Change]:
    return {format_path(path): change for path, change in found.changes.items()}


def test_the_same_manifest_is_no_change() -> None:
    assert compared(OLD) == Difference()


def test_null_in_the_program_is_no_change() -> None:
    assert compared({**OLD, "binaryData": None}) == Difference()


def test_the_namespace_default_need_not_be_written() -> None:
    old = {**OLD, "metadata": {"name": "a", "namespace": "default"}}
    assert compared({**old, "metadata": {"name": "a"}}, old=old) == Difference()


def test_data_of_a_named_config_map_is_replaced_after_deleting_it_first() -> None:
    found = compared({**OLD, "data": {"k": "2"}})
    assert changed(found) == {"data.k": Change("update", replace=True)}
    assert found.delete_before_replace


def test_a_mutable_config_map_is_changed_in_place() -> None:
    found = compared({**OLD, "data": {"k": "2"}}, settings=Settings(enable_config_map_mutable=True))
    assert found == Difference({("data", "k"): Change("update")})


def test_an_immutable_config_map_is_replaced_whatever_the_settings_say() -> None:
    new = {**OLD, "data": {"k": "2"}, "immutable": True}
    found = compared(new, settings=Settings(enable_config_map_mutable=True))
    assert changed(found)["data.k"].replace


def test_an_automatic_name_leaves_room_for_the_new_object_first() -> None:
    old = {**OLD, "metadata": {**OLD["metadata"], "annotations": {AUTONAMED: "true"}}}
    found = compared({**old, "data": {"k": "2"}}, old=old)
    assert changed(found)["data.k"].replace
    assert not found.delete_before_replace


def test_another_namespace_is_another_object() -> None:
    found = compared({**OLD, "metadata": {"name": "a", "namespace": "m"}})
    assert changed(found) == {"metadata.namespace": Change("update", replace=True)}
    assert not found.delete_before_replace


def test_the_selector_of_a_deployment_is_fixed_and_its_replicas_are_not() -> None:
    kind = Kind("apps/v1", "Deployment")
    old = {
        "metadata": {"name": "a", "namespace": "n"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}},
    }
    new = {**old, "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "c"}}}}
    full = {"apiVersion": "apps/v1", "kind": "Deployment"}
    assert changed(compared(full | new, old=full | old, kind=kind)) == {
        "spec.replicas": Change("update"),
        "spec.selector.matchLabels.a": Change("update", replace=True),
    }


def test_ignored_changes_do_not_replace_either() -> None:
    assert compared({**OLD, "data": {"k": "2"}}, ignored=["data"]) == Difference()
