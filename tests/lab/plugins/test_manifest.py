from typing import Any

import pytest

from lab.plugins.kubernetes.manifest import (
    AUTONAMED,
    Kind,
    autoname,
    imported_inputs,
    kind_of,
    object_id,
    prune,
    split_id,
    state_parts,
    to_manifest,
    to_properties,
    to_state,
)
from lab.plugins.properties import UNKNOWN, Secret
from lab.plugins.serve import Refusal, Resource

APPLICATION = Kind("argoproj.io/v1alpha1", "Application")
CONFIG_MAP = Kind("v1", "ConfigMap")
SECRET = Kind("v1", "Secret")


def resource(type_: str, name: str = "settings") -> Resource:
    return Resource(f"urn:pulumi:dev::site::{type_}::{name}")


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("kubernetes:core/v1:ConfigMap", CONFIG_MAP),
        ("kubernetes:apps/v1:Deployment", Kind("apps/v1", "Deployment")),
        ("kubernetes:argoproj.io/v1alpha1:Application", APPLICATION),
        ("site:index:Projects$kubernetes:argoproj.io/v1alpha1:Application", APPLICATION),
        (
            "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
            Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ),
    ],
)
def test_a_resource_type_names_a_kind(type_: str, kind: Kind) -> None:
    assert kind_of(resource(type_)) == kind


@pytest.mark.parametrize(
    ("type_", "said"),
    [
        ("kubernetes:core/v1:ConfigMapPatch", "Patch resources"),
        ("kubernetes:helm.sh/v4:Chart", "helm.sh/v4:Chart"),
        ("kubernetes:yaml/v2:ConfigFile", "yaml/v2:ConfigFile"),
        ("kubernetes:core/v1:ConfigMapList", "is a list"),
        ("random:index:Pet", "does not know"),
    ],
)
def test_what_the_stand_in_does_not_do_is_refused_by_name(type_: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        kind_of(resource(type_))


def test_a_custom_kind_is_one_of_a_foreign_group() -> None:
    assert APPLICATION.is_custom
    assert not CONFIG_MAP.is_custom
    assert not Kind("rbac.authorization.k8s.io/v1", "ClusterRole").is_custom


def test_text_data_of_a_secret_becomes_data() -> None:
    manifest = to_manifest({"stringData": Secret({"a": "x"}), "data": {"b": "eQ=="}}, SECRET)
    assert manifest["data"] == {"a": "eA==", "b": "eQ=="}
    assert "stringData" not in manifest


def test_unknown_text_data_stays_for_the_preview() -> None:
    assert to_manifest({"stringData": {"a": UNKNOWN}}, SECRET)["stringData"] == {"a": UNKNOWN}


def test_a_manifest_has_nothing_of_the_server_and_nothing_of_the_state() -> None:
    state = {
        "metadata": {"name": "a", "uid": "1", "resourceVersion": "2"},
        "__inputs": {},
        "__fieldManager": "m",
    }
    assert to_manifest(state, CONFIG_MAP) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
    }


def test_schema_extensions_get_their_dashes_back() -> None:
    crd = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    manifest = to_manifest({"spec": {"x_kubernetes_preserve_unknown_fields": True}, "status": {}}, crd)
    assert manifest["spec"] == {"x-kubernetes-preserve-unknown-fields": True}
    assert "status" not in manifest
    assert to_properties(manifest, {})["spec"] == {"x_kubernetes_preserve_unknown_fields": True}


def test_the_data_of_a_secret_is_always_hidden() -> None:
    assert to_properties({"kind": "Secret", "data": {"a": "eA=="}}, {})["data"] == Secret({"a": "eA=="})


def test_an_object_without_a_name_gets_one_from_the_resource() -> None:
    named = autoname(to_manifest({}, CONFIG_MAP), {}, resource("kubernetes:core/v1:ConfigMap"), "")
    assert named["metadata"]["name"].startswith("settings-")
    assert named["metadata"]["annotations"] == {AUTONAMED: "true"}


def test_a_given_name_stays_and_an_earlier_automatic_name_is_kept() -> None:
    mine = resource("kubernetes:core/v1:ConfigMap")
    given = to_manifest({"metadata": {"name": "mine"}}, CONFIG_MAP)
    assert autoname(given, {}, mine, "proposed") == given
    old = {"metadata": {"name": "settings-1", "annotations": {AUTONAMED: "true"}}}
    assert autoname(to_manifest({}, CONFIG_MAP), old, mine, "")["metadata"]["name"] == "settings-1"


def test_the_engines_proposal_for_a_name_is_taken() -> None:
    mine = resource("kubernetes:core/v1:ConfigMap")
    assert autoname(to_manifest({}, CONFIG_MAP), {}, mine, "proposed")["metadata"]["name"] == "proposed"


def test_ids_are_namespace_and_name() -> None:
    assert object_id({"metadata": {"name": "a", "namespace": "n"}}) == "n/a"
    assert object_id({"metadata": {"name": "a"}}) == "a"
    assert split_id("argocd/argo-x") == ("argocd", "argo-x")
    assert split_id("room") == (None, "room")


def test_pruning_keeps_the_shape_of_the_program() -> None:
    live = {"spec": {"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}]}, "status": {"x": 1}}
    assert prune(live, {"spec": {"b": [{"c": 0}], "e": 1}}) == {"spec": {"b": [{"c": 1}]}}


LIVE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {
        "name": "dns",
        "namespace": "kube-system",
        "uid": "1",
        "labels": {"a": "b"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
    },
    "data": {"Corefile": "."},
}


def test_an_imported_object_brings_its_whole_content() -> None:
    assert imported_inputs(LIVE, CONFIG_MAP) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "dns", "namespace": "kube-system", "labels": {"a": "b"}},
        "data": {"Corefile": "."},
    }


def test_an_imported_custom_resource_brings_its_identity_only() -> None:
    live = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "x"},
        "spec": {"a": 1},
    }
    assert "spec" not in imported_inputs(live, APPLICATION)


def test_the_state_holds_the_live_object_and_the_inputs_apart() -> None:
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "dns"}, "data": {"Corefile": "."}}
    state = to_state(wanted, LIVE, {}, "manager")
    assert (state["__fieldManager"], state["__initialApiVersion"]) == ("manager", "v1")
    inputs, live = state_parts(state, CONFIG_MAP)
    assert inputs == wanted
    assert live["metadata"]["labels"] == {"a": "b"}
