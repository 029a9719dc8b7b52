"""What is in the cluster already is taken over when the stack file says so, never overwritten otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from components.adoption import Adoption, adoption, adoption_problems
from components.live import MARK, Live, LiveObject
from components.projects.declared import declared_applications
from components.settings import Problem
from tests.site import settings

EMPTY = LiveObject("argocd")
OURS = LiveObject("argocd", {MARK: "dev"})
HELM = {"argocd-server": "argocd", "argocd-repo-server": "argocd"}
RELEASE = frozenset({"argocd"})


def live(**has: Any) -> Live:
    return Live(**{"version": "v1.32.4", "controller_runs": True, **has})


def application(name: str = "argo-docserver", stack: str = "", *finalizers: str) -> dict[str, LiveObject]:
    return {name: LiveObject(name, {MARK: stack} if stack else {}, finalizers)}


def problems(found: Live, **sections: Any) -> list[Problem]:
    read = settings(**sections)
    told = adoption_problems(read, declared_applications(read), found, "dev")
    assert all(problem.why and problem.fix for problem in told)
    return told


def adopted(found: Live, **sections: Any) -> Adoption:
    read = settings(**sections)
    assert adoption_problems(read, declared_applications(read), found, "dev") == []
    return adoption(read, declared_applications(read), found, "dev")


@pytest.mark.parametrize(
    "found",
    [
        live(),
        live(namespace=OURS),
        live(namespace=OURS, releases=RELEASE, workloads=HELM, applications=application(stack="dev")),
    ],
)
def test_a_fresh_cluster_and_our_own_objects_need_no_adoption(found: Live) -> None:
    assert adopted(found) == Adoption()


def test_with_adopt_and_nothing_there_everything_is_simply_created() -> None:
    assert adopted(live(), argocd={"adopt": True}, defaults={"adopt": True}) == Adoption()


def test_with_adopt_what_is_there_is_imported() -> None:
    found = live(
        namespace=EMPTY,
        releases=RELEASE,
        workloads=HELM,
        applications=application() | application("argo-other"),
    )
    assert adopted(found, argocd={"adopt": True}, defaults={"adopt": True}) == Adoption(
        "argocd", "argocd/argocd", frozenset({"argo-docserver"}), foreign=frozenset({"argo-docserver"})
    )


def test_adopt_may_stay_for_what_has_become_ours() -> None:
    ours = application(stack="dev")
    found = live(namespace=OURS, releases=RELEASE, workloads=HELM, applications=ours)
    assert adopted(found, argocd={"adopt": True}, defaults={"adopt": True}) == Adoption(
        "argocd", "argocd/argocd", frozenset({"argo-docserver"})
    )


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (live(namespace=EMPTY), "'argocd' exists already, with nothing of Argo CD in it"),
        (live(namespace=EMPTY, releases=RELEASE, workloads=HELM), "with a Helm release 'argocd' in it"),
        (live(namespace=LiveObject("argocd", {MARK: "prod"})), "it belongs to the stack 'prod'"),
    ],
)
def test_without_adopt_what_is_there_is_told_with_the_line_to_add(found: Live, what: str) -> None:
    (problem,) = problems(found)
    assert problem.where == "protobox-cd:argocd.adopt"
    assert what in problem.what
    assert "protobox-cd:argocd.adopt: true" in problem.fix


@pytest.mark.parametrize("adopt", [True, False])
def test_an_argo_cd_from_plain_manifests_is_explained_with_the_steps_to_move(adopt: bool) -> None:
    found = live(namespace=EMPTY, workloads={"argocd-server": "", "argocd-repo-server": ""})
    (problem,) = problems(found, argocd={"adopt": adopt})
    assert "plain manifests" in problem.what
    assert "selector" in problem.why
    assert "kubectl annotate crd" in problem.fix
    assert "kubectl -n argocd delete deployments" in problem.render("Pulumi.dev.yaml")


def test_a_helm_release_of_another_name_is_explained() -> None:
    (problem,) = problems(live(namespace=EMPTY, workloads={"argo-cd-argocd-server": "argo-cd"}))
    assert "Helm installed as argo-cd" in problem.what
    assert "helm --namespace argocd uninstall argo-cd" in problem.fix


@pytest.mark.parametrize(("stack", "whose"), [("", ""), ("prod", "it belongs to the stack 'prod'")])
def test_an_application_that_is_not_ours_is_not_overwritten(stack: str, whose: str) -> None:
    found = live(namespace=OURS, applications=application(stack=stack))
    (problem,) = problems(found)
    assert problem.where == "protobox-cd:projects.docserver"
    assert f"'argo-docserver' is in the cluster already{'; ' if whose else ''}{whose}" in problem.what
    assert "protobox-cd:projects.docserver.adopt: true" in problem.fix
    assert problems(found, projects={"docserver": {"adopt": True}}) == []


def test_the_same_missing_line_is_told_once_for_all_applications() -> None:
    names = [f"p{number}" for number in range(11)]
    found = live(
        namespace=OURS, applications={k: v for name in names for k, v in application(f"argo-{name}").items()}
    )
    (problem,) = problems(found, projects={name: {} for name in names})
    assert problem.where == "protobox-cd:defaults.adopt"
    assert "11 Applications are in the cluster already: 'argo-p0', 'argo-p1'" in problem.what
    assert problem.fix.endswith("  protobox-cd:defaults:\n    adopt: true")


FINALIZER = "resources-finalizer.argocd.argoproj.io"


def test_a_deletion_that_would_hang_is_told_with_both_ways_out() -> None:
    found = live(
        namespace=OURS, controller_runs=False, applications=application("argo-gone", "dev", FINALIZER)
    )
    (problem,) = problems(found)
    assert "'argo-gone' is no longer in the stack" in problem.what
    assert "scale statefulset argocd-application-controller --replicas 1" in problem.fix
    assert """patch application argo-gone --type merge -p '{"metadata":{"finalizers":null}}'""" in problem.fix


@pytest.mark.parametrize(
    ("runs", "gone"),
    [
        (True, application("argo-gone", "dev", FINALIZER)),
        (False, application("argo-gone", "dev")),
        (False, application("argo-gone", "prod", FINALIZER)),
        (False, application("argo-docserver", "dev", FINALIZER)),
    ],
)
def test_a_deletion_that_will_not_hang_is_none_of_our_business(
    runs: bool, gone: dict[str, LiveObject]
) -> None:
    assert problems(live(namespace=OURS, controller_runs=runs, applications=gone)) == []
