"""Applications that are taken over: what their owner has written stays, or the preview stops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.projects import taking_over
from components.projects.application import Application
from components.projects.taking_over import lines
from components.stackfile.problems import Problem
from tests.site import settings

CASCADE = "resources-finalizer.argocd.argoproj.io"
BY_ADDRESS = "http://192.168.1.7/gitlab/protobox1/docserver.git"
BY_NAME = "http://git.protobox/gitlab/protobox1/docserver.git"
OTHER = "http://git.protobox/gitlab/other.git"
PRUNING = {"automated": {"prune": True}}
SOURCE = {"repoURL": BY_ADDRESS, "targetRevision": "CD", "path": "factory/CD/base"}


def declared(**project: Any) -> Application:
    (application,) = settings(projects={"docserver": project}).applications
    return application


def live(metadata: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    usual = {
        "project": "default",
        "source": SOURCE,
        "destination": {"server": "https://kubernetes.default.svc"},
    }
    return {"metadata": {"name": "argo-docserver", **(metadata or {})}, "spec": {**usual, **spec}}


def problems(found: dict[str, Any], **project: Any) -> list[Problem]:
    return list(taking_over.application_problems(declared(**project), found))


def test_only_the_link_becomes_another_one_and_that_is_told() -> None:
    assert problems(live()) == []
    told = list(lines(declared(), live()))
    assert told[0] == f"argo-docserver: {BY_ADDRESS} → {BY_NAME}"
    assert told[1:] == ['argo-docserver: spec.syncPolicy.syncOptions is new: ["CreateNamespace=true"]']


def test_what_is_declared_anew_is_told_since_argo_cd_acts_on_it() -> None:
    told = list(lines(declared(syncPolicy={"automated": {"prune": True}}), live()))
    assert "argo-docserver: spec.syncPolicy.automated.prune is new: true" in told


@pytest.mark.parametrize(
    ("found", "loss", "kept"),
    [
        (live({"labels": {"team": "docs"}}), "metadata.labels.team", {"labels": {"team": "docs"}}),
        (live({"annotations": {"note": "a"}}), "metadata.annotations.note", {"annotations": {"note": "a"}}),
        (live({"finalizers": [CASCADE]}), "metadata.finalizers", {"cascade": "foreground"}),
        (live({"finalizers": [f"{CASCADE}/background"]}), "metadata.finalizers", {"cascade": "background"}),
        (live(syncPolicy=PRUNING), "spec.syncPolicy.automated.prune", {"syncPolicy": PRUNING}),
        (live(source={**SOURCE, "targetRevision": "x"}), "spec.source.targetRevision", {"revision": "x"}),
        (live(source={**SOURCE, "repoURL": OTHER}), "spec.source.repoURL", {"repository": OTHER}),
    ],
)
def test_what_would_go_stops_until_it_is_kept_or_given_up(
    found: dict[str, Any], loss: str, kept: dict[str, Any]
) -> None:
    (problem,) = problems(found)
    assert problem.where == "protobox-cd:projects.docserver"
    assert f"{loss}:" in problem.what
    assert f"protobox-cd:projects.docserver.drop: [{loss}]" in problem.fix
    assert problems(found, drop=[loss]) == []
    assert problems(found, **kept) == []


def test_what_controllers_and_this_program_write_is_nobodys_loss() -> None:
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "argocd.argoproj.io/refresh": "normal",
        "notified.notifications.argoproj.io": "{}",
        "protobox-cd/stack": "other",
        "pulumi.com/patchForce": "true",
    }
    finalizers = ["post-delete-finalizer.argocd.argoproj.io"]
    assert problems(live({"annotations": annotations, "finalizers": finalizers})) == []


def test_what_is_being_deleted_is_not_taken_over() -> None:
    found = live({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": [CASCADE]})
    (problem,) = problems(found)
    assert "is being deleted" in problem.what
    assert CASCADE in problem.what
