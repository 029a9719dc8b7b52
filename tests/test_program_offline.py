"""The program's wiring in a run that may not ask the cluster."""

from __future__ import annotations

import pulumi
import pytest

from components import existing
from components import program as stack
from tests.engine_mock import Engine, declared, run_program
from tests.test_program import APPLICATION, CHECK, COMPARISON, COREFILE, GUARD, NAMESPACE, RELEASE

pytestmark = pytest.mark.usefixtures("kubectl_at_hand")


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_args: object, **_options: object) -> None:
        raise AssertionError("nothing may ask the cluster")

    monkeypatch.setattr(existing, "read_cluster", asked)
    monkeypatch.setattr(existing, "Reader", asked)
    monkeypatch.setattr(stack, "Reader", asked)
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")


@pytest.mark.usefixtures("_offline")
def test_an_offline_preview_declares_everything_and_names_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    engine = declared(
        preview=True,
        argocd={"adopt": True},
        defaults={"adopt": True},
        credentialTemplates={
            "gitlab": {"url": "https://git.protobox/gitlab/", "existingSecret": {"name": "login"}}
        },
    )
    kinds = {r.type for r in engine.resources if not r.type.startswith(("pulumi:", "protobox-cd:"))}
    assert kinds == {
        NAMESPACE,
        COREFILE,
        RELEASE,
        CHECK,
        APPLICATION,
        GUARD,
        COMPARISON,
        "kubernetes:core/v1:Secret",
    }
    secret = engine.options["kubernetes:core/v1:Secret", "argocd-repo-creds-gitlab"]
    assert secret.ignore_changes == ["stringData", "data"]
    assert not engine.options[APPLICATION, "argo-docserver"].import_
    (warning,) = (one for one in said if one.startswith("Offline preview:"))
    for part in ("the Application argo-docserver", "the Secret argocd/login", "kube-system/coredns"):
        assert part in warning


@pytest.mark.usefixtures("_offline")
def test_what_is_wrong_on_this_machine_is_told_offline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_program(Engine(), preview=True, argocd={"chart": {"path": "nowhere.tgz"}})
    assert "the chart nowhere.tgz does not exist" in said[0]


@pytest.mark.usefixtures("_offline")
def test_an_up_is_refused_offline_before_anything_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit) as caught:
        run_program(engine := Engine())
    assert caught.value.code == 32
    assert "PROTOBOX_OFFLINE is set, so this run may not change anything" in said[0]
    assert [resource.type for resource in engine.resources if resource.type != "pulumi:pulumi:Stack"] == []
