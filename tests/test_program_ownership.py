"""What the program makes of what the cluster and Pulumi's state have, on a stand-in for the engine."""

from __future__ import annotations

import re

import pulumi
import pytest

from components import existing
from components.beforehand import TakenOver
from components.cluster.helm_records import HelmRelease
from components.cluster.live import Live
from components.cluster.objects import LiveObject
from tests.engine_mock import Engine, declared, run_program

pytestmark = pytest.mark.usefixtures("kubectl_at_hand")

NAMESPACE = "kubernetes:core/v1:Namespace"
RELEASE = "kubernetes:helm.sh/v3:Release"
FORCE = "pulumi.com/patchForce"
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
GUARD = "pulumi-python:dynamic/projects:FinalizerGuard"
ADOPTED = "pulumi-python:dynamic/adoption:Adopted"


@pytest.fixture(autouse=True)
def _a_cluster_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: Live("v1.32.4"))


def test_what_the_stack_declares_is_marked_as_its_own() -> None:
    engine = declared()
    for kind in (NAMESPACE, APPLICATION):
        marks = engine.one(kind).inputs["metadata"]["annotations"]
        assert marks["protobox-cd/stack"] == "test"
        assert re.fullmatch("[0-9a-f]{12}", marks["protobox-cd/identity"])


def test_the_stack_file_may_name_the_identity_of_before_a_move() -> None:
    engine = declared(cluster={"context": "kubernetes-admin@cluster.local", "stackIdentity": "0123456789ab"})
    assert engine.one(NAMESPACE).inputs["metadata"]["annotations"]["protobox-cd/identity"] == "0123456789ab"
    assert engine.one(GUARD).inputs["identity"] == "0123456789ab"


def test_what_is_there_already_is_imported_when_the_stack_file_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = Live(
        "v1.32.4",
        LiveObject("argocd", {"note": "y"}, kind="Namespace", labels={"team": "x"}),
        {"argocd": HelmRelease()},
        {"argocd-server": "argocd"},
        objects=(LiveObject("argo-docserver"),),
    )
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: there)
    monkeypatch.setattr(existing, "taken_over", lambda *_args: TakenOver(text="argo-docserver: old → new"))
    engine = declared(argocd={"adopt": True}, defaults={"adopt": True})
    imported = {
        name: engine.options[kind, name].import_
        for kind, name in [(NAMESPACE, "argocd"), (RELEASE, "argocd"), (APPLICATION, "argo-docserver")]
    }
    assert imported == {"argocd": "argocd/argocd", "argo-docserver": "argocd/argo-docserver"}
    assert engine.options[NAMESPACE, "argocd"].import_ == "argocd"
    for kind, name in [(NAMESPACE, "argocd"), (RELEASE, "argocd"), (APPLICATION, "argo-docserver")]:
        assert engine.options[kind, name].retain_on_delete is True
    namespace = engine.one(NAMESPACE).inputs["metadata"]
    assert namespace["labels"] == {"team": "x"}
    assert namespace["annotations"]["note"] == "y"
    assert namespace["annotations"]["protobox-cd/adopted-release"] == "true"
    assert engine.depends_on(NAMESPACE, "argocd") == {"adopted"}
    assert engine.one(ADOPTED).inputs["objects"] == [
        "/api/v1/namespaces/argocd",
        "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/argo-docserver",
    ]
    forced = [
        resource.name
        for resource in engine.resources
        if FORCE in (resource.inputs.get("metadata") or {}).get("annotations", {})
    ]
    assert forced == ["argocd", "argo-docserver"]


def test_what_went_without_pulumi_is_declared_anew_even_if_it_was_protected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urn = f"urn:pulumi:test::protobox-cd::{APPLICATION}::argo-docserver"
    about = {"name": "argo-docserver", "namespace": "argocd", "uid": "4711"}
    before = {
        urn: {"type": APPLICATION, "outputs": {"metadata": about}},
        "urn:guard": {"type": GUARD, "outputs": {"cluster": "uid"}},
    }
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(existing, "same_cluster", lambda *which: asked.append(which))
    engine = declared(state=before, defaults={"protect": True})
    assert asked == [("kubernetes-admin@cluster.local", "uid")]
    options = engine.options[APPLICATION, "argo-docserver"]
    assert (options.replace_on_changes, options.delete_before_replace, options.protect) == (
        ["*"],
        True,
        False,
    )
    assert engine.one(APPLICATION).inputs["metadata"]["annotations"]["protobox-cd/replaces"] == "4711"


def test_what_is_on_its_way_out_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    going = Live("v1.32.4", LiveObject("argocd", {"protobox-cd/stack": "test"}, (), "Namespace", "1", True))
    seen = iter([going, going, Live("v1.32.4")])
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: next(seen))
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", said.append)
    assert declared().of_type(NAMESPACE)
    assert said == ["waiting up to 30 s: the Namespace argocd is being deleted"]


def test_what_stays_on_its_way_out_is_no_mistake_of_the_stack_file(monkeypatch: pytest.MonkeyPatch) -> None:
    going = Live("v1.32.4", LiveObject("argocd", {"protobox-cd/stack": "test"}, (), "Namespace", "1", True))
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: going)
    monkeypatch.setattr(existing, "PATIENCE", 0)
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_program(Engine())
    assert said[0].startswith("the Namespace argocd is being deleted")


def test_what_is_left_over_and_what_has_failed_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = declared().one(NAMESPACE).inputs["metadata"]["annotations"]
    there = Live(
        "v1.32.4",
        LiveObject("argocd", marks, kind="Namespace"),
        {"argocd": HelmRelease("failed")},
        objects=(LiveObject("argo-gone", marks),),
    )
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: there)
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    declared()
    assert any("delete application argo-gone" in one for one in said)
    assert any("the release 'argocd' has failed" in one for one in said)


def test_a_state_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        raise RuntimeError("the bucket is closed")

    monkeypatch.setattr(pulumi.runtime, "invoke", fails)
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_program(Engine())
    assert "cannot be read: the bucket is closed" in said[0]
