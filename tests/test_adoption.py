"""What is in the cluster already is taken over when the stack file says so, never overwritten otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.adoption import Declared, adoption, adoption_problems, declared_objects
from components.cluster.helm_records import HelmRelease
from components.cluster.live import Live
from components.cluster.objects import ADOPTED, ADOPTED_RELEASE, FORCE, IDENTITY, MARK, LiveObject, Mark
from components.cluster.ownership import REPLACES, Adoption, Remembered, remembered
from components.settings import Settings
from components.stackfile.problems import Problem
from tests.site import settings

OUR_MARK = Mark("dev", "0123456789ab")
ADOPTED_BY_US = {**OUR_MARK.annotations, ADOPTED: "true"}
EMPTY = LiveObject("argocd", kind="Namespace")
OURS = LiveObject("argocd", OUR_MARK.annotations, kind="Namespace")
HELM = {"argocd-server": "argocd", "argocd-repo-server": "argocd"}
RELEASE = {"argocd": HelmRelease()}
NAMESPACE, APPLICATION = ("Namespace", "argocd"), ("Application", "argo-docserver")
IN_STATE = {
    NAMESPACE: Remembered("urn:n", uid="1"),
    APPLICATION: Remembered("urn:a", "argocd", "2"),
    ("Release", "argocd"): Remembered("urn:r", "argocd"),
}
SECTIONS: dict[str, Any] = {
    "argocd": {"webhook": {"gitlabSecret": "s"}},
    "repositories": {"shop": {"url": "http://git.protobox/gitlab/protobox1/shop.git"}},
    "credentialTemplates": {"all": {"url": "http://git.protobox/gitlab/"}},
    "clusters": {"edge": {"server": "https://10.0.0.5:6443", "bearerToken": "t"}},
    "appProjects": {"shop": {}},
}
OTHERS = {
    ("Secret", "argocd-protobox-cd"): "argocd",
    ("Secret", "argocd-repo-shop"): "repositories.shop",
    ("Secret", "argocd-repo-creds-all"): "credentialTemplates.all",
    ("Secret", "argocd-cluster-edge"): "clusters.edge",
    ("AppProject", "shop"): "appProjects.shop",
}
"""Every object of `SECTIONS` that is no Application and no namespace → where it is adopted."""


def live(**has: Any) -> Live:
    return Live(**{"version": "v1.32.4", **has})


def application(name: str = "argo-docserver", stack: str = "", *finalizers: str) -> tuple[LiveObject]:
    marks = OUR_MARK.annotations if stack == "dev" else {MARK: stack} if stack else {}
    return (LiveObject(name, marks, finalizers),)


def declared_by(read: Settings, sections: dict[str, Any]) -> list[Declared]:
    made = (
        [{"kind": kind, "metadata": {"name": name}} for kind, name in OTHERS]
        if "clusters" in sections
        else []
    )
    return declared_objects(read, read.applications, made)


def problems(found: Live, state: dict[Any, Remembered] | None = None, **sections: Any) -> list[Problem]:
    read = settings(**sections)
    told = adoption_problems(read, declared_by(read, sections), found, state or {}, OUR_MARK)
    assert all(problem.why and problem.fix for problem in told)
    return told


def adopted(found: Live | None, state: dict[Any, Remembered] | None = None, **sections: Any) -> Adoption:
    read = settings(**sections)
    assert found is None or problems(found, state, **sections) == []
    return adoption(declared_by(read, sections), "argocd", found, state or {}, OUR_MARK)


def test_on_a_fresh_cluster_everything_is_simply_created() -> None:
    cases: list[dict[str, Any]] = [{}, {"argocd": {"adopt": True}, "defaults": {"adopt": True}}]
    for sections in cases:
        fresh = adopted(live(), **sections)
        assert (fresh.imported, fresh.forced, fresh.lost) == ({}, frozenset(), {})
        assert fresh.annotations(APPLICATION) == {MARK: "dev", IDENTITY: "0123456789ab"}


def test_what_is_in_the_state_and_in_the_cluster_is_left_to_the_engine() -> None:
    found = live(namespace=OURS, releases=RELEASE, workloads=HELM, objects=application(stack="dev"))
    ours = adopted(found, IN_STATE, argocd={"adopt": True}, defaults={"adopt": True})
    assert (ours.imported, ours.forced, ours.lost) == ({}, frozenset(), {})


def test_with_adopt_what_is_there_is_imported_by_force() -> None:
    found = live(
        namespace=EMPTY,
        releases=RELEASE,
        workloads=HELM,
        objects=application() + application("argo-other"),
    )
    taken = adopted(found, argocd={"adopt": True}, defaults={"adopt": True})
    assert taken.imported == {
        NAMESPACE: "argocd",
        APPLICATION: "argocd/argo-docserver",
        ("Release", "argocd"): "argocd/argocd",
    }
    assert taken.forced == {NAMESPACE, APPLICATION}
    assert taken.annotations(APPLICATION)[FORCE] == "true"


def test_what_was_imported_but_not_yet_written_when_the_run_died_is_still_forced() -> None:
    found = live(namespace=OURS, objects=application())
    assert adopted(found, IN_STATE, defaults={"adopt": True}).forced == {APPLICATION}


def test_what_bears_our_mark_and_is_not_in_the_state_is_imported_without_a_word() -> None:
    found = live(
        namespace=OURS,
        releases=RELEASE,
        workloads=HELM,
        objects=(
            *application(stack="dev"),
            *(LiveObject(n, OUR_MARK.annotations, kind=k) for k, n in OTHERS),
        ),
    )
    lost_state = adopted(found, **SECTIONS)
    assert lost_state.imported == {
        NAMESPACE: "argocd",
        APPLICATION: "argocd/argo-docserver",
        ("Release", "argocd"): "argocd/argocd",
        **{name: f"argocd/{name[1]}" for name in OTHERS},
    }


def test_an_object_of_an_earlier_version_has_no_identity_and_is_ours_all_the_same() -> None:
    earlier = LiveObject("argo-docserver", {MARK: "dev"})
    found = live(namespace=OURS, objects=(earlier,))
    assert list(adopted(found).imported) == [NAMESPACE, APPLICATION]


@pytest.mark.parametrize("name", OTHERS, ids=str)
def test_what_earlier_versions_have_not_marked_is_ours_as_the_state_knows_its_uid(
    name: tuple[str, str],
) -> None:
    found = live(namespace=OURS, objects=(LiveObject(name[1], kind=name[0], uid="7"),))
    assert problems(found, {name: Remembered("urn", "argocd", "7")}, **SECTIONS) == []
    (problem,) = problems(found, {name: Remembered("urn", "argocd", "6")}, **SECTIONS)
    assert "is in the cluster already" in problem.what


@pytest.mark.parametrize(("name", "entry"), OTHERS.items(), ids=str)
def test_no_object_of_any_kind_is_overwritten(name: tuple[str, str], entry: str) -> None:
    found = live(namespace=OURS, objects=(LiveObject(name[1], kind=name[0]),))
    (problem,) = problems(found, **SECTIONS)
    assert f"the {name[0]} {name[1]!r} is in the cluster already" in problem.what
    assert problem.where == f"protobox-cd:{entry}.adopt"
    assert problem.fix.endswith(f"write protobox-cd:{entry}.adopt: true")
    section, _, key = entry.partition(".")
    allowed = {
        **SECTIONS[section],
        **({key: {**SECTIONS[section][key], "adopt": True}} if key else {"adopt": True}),
    }
    assert adopted(found, **{**SECTIONS, section: allowed}).imported[name] == f"argocd/{name[1]}"


def test_a_stack_of_the_same_name_in_another_backend_is_told_once_with_the_line_for_a_moved_state() -> None:
    marks = {MARK: "dev", IDENTITY: "ba9876543210"}
    found = live(
        namespace=LiveObject("argocd", marks, kind="Namespace"),
        objects=(LiveObject("argo-docserver", marks), LiveObject("shop", marks, kind="AppProject")),
    )
    (problem,) = problems(found, **SECTIONS)
    assert problem.where == "protobox-cd:cluster.stackIdentity"
    for named in ("the Namespace argocd", "the Application argo-docserver", "the AppProject shop"):
        assert named in problem.what
    assert "another backend" in problem.what
    assert '  protobox-cd:cluster:\n    stackIdentity: "ba9876543210"' in problem.fix
    moved = Mark("dev", "ba9876543210")
    assert all(moved.is_on(one) for one in found.objects)


def test_what_went_without_pulumi_is_made_anew_and_stays_as_it_was_made() -> None:
    gone = adopted(live(namespace=OURS), IN_STATE)
    assert gone.lost == {APPLICATION: "2"}
    assert gone.annotations(APPLICATION)[REPLACES] == "2"
    made = IN_STATE | {
        APPLICATION: Remembered("urn:a", "argocd", "3", {REPLACES: "2", FORCE: "true", "x": "y"})
    }
    later = adopted(live(namespace=OURS, objects=application(stack="dev")), made)
    assert later.lost == {}
    assert later.annotations(APPLICATION) == {**OUR_MARK.annotations, REPLACES: "2", FORCE: "true"}


def test_what_is_in_another_namespace_or_was_not_looked_for_is_not_lost() -> None:
    elsewhere = {APPLICATION: Remembered("urn:a", "old", "2")}
    assert adopted(live(namespace=OURS), elsewhere).lost == {}
    assert adopted(None, IN_STATE).lost == {}
    assert adopted(live(namespace=OURS, not_served=frozenset({"Application"})), IN_STATE).lost == {}


def test_the_state_is_read_by_kind_and_name() -> None:
    about = {"name": "argo-x", "namespace": "argocd", "uid": "1", "annotations": {"a": "b"}}
    state = remembered(
        {
            "urn::argo-x": {
                "type": "kubernetes:argoproj.io/v1alpha1:Application",
                "outputs": {"metadata": about},
            },
            "urn::argocd": {
                "type": "kubernetes:helm.sh/v3:Release",
                "outputs": {"name": "argocd", "namespace": "argocd", "status": {}},
            },
            "urn::half": {"type": "kubernetes:core/v1:Secret", "outputs": {}},
            "urn::dns": {
                "type": "pulumi-python:dynamic/coredns:CorefileZones",
                "outputs": {"name": "coredns"},
            },
        }
    )
    assert state == {
        ("Application", "argo-x"): Remembered("urn::argo-x", "argocd", "1", {"a": "b"}),
        ("Release", "argocd"): Remembered("urn::argocd", "argocd"),
        ("Secret", "half"): Remembered("urn::half"),
    }


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (live(namespace=EMPTY), "'argocd' exists already, with nothing of Argo CD in it"),
        (live(namespace=EMPTY, releases=RELEASE, workloads=HELM), "with a Helm release 'argocd' in it"),
        (
            live(namespace=LiveObject("argocd", {MARK: "prod"}, kind="Namespace")),
            "it belongs to the stack 'prod'",
        ),
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
    found = live(namespace=OURS, objects=application(stack=stack))
    (problem,) = problems(found)
    assert problem.where == "protobox-cd:projects.docserver"
    assert f"'argo-docserver' is in the cluster already{'; ' if whose else ''}{whose}" in problem.what
    assert "protobox-cd:projects.docserver.adopt: true" in problem.fix
    assert problems(found, projects={"docserver": {"adopt": True}}) == []


def test_the_same_missing_line_is_told_once_for_all_applications() -> None:
    names = [f"p{number}" for number in range(11)]
    found = live(namespace=OURS, objects=tuple(LiveObject(f"argo-{name}") for name in names))
    (problem,) = problems(found, projects={name: {} for name in names})
    assert problem.where == "protobox-cd:defaults.adopt"
    assert "11 Applications are in the cluster already: 'argo-p0', 'argo-p1'" in problem.what
    assert problem.fix.endswith("  protobox-cd:defaults:\n    adopt: true")


FINALIZER = "resources-finalizer.argocd.argoproj.io"


def test_a_deletion_that_would_hang_is_told_with_both_ways_out() -> None:
    found = live(namespace=OURS, idle="nobody works", objects=application("argo-gone", "dev", FINALIZER))
    (problem,) = problems(found)
    assert "'argo-gone' is no longer in the stack" in problem.what
    assert "nobody works" in problem.why
    assert "scale statefulset argocd-application-controller --replicas 1" in problem.fix
    assert """patch application argo-gone --type merge -p '{"metadata":{"finalizers":null}}'""" in problem.fix


@pytest.mark.parametrize(
    ("idle", "gone"),
    [
        ("", application("argo-gone", "dev", FINALIZER)),
        ("nobody works", application("argo-gone", "dev")),
        ("nobody works", application("argo-gone", "prod", FINALIZER)),
        ("nobody works", application("argo-docserver", "dev", FINALIZER)),
        ("nobody works", (LiveObject("argo-gone", ADOPTED_BY_US, (FINALIZER,)),)),
    ],
)
def test_a_deletion_that_will_not_hang_is_none_of_our_business(idle: str, gone: tuple[LiveObject]) -> None:
    assert problems(live(namespace=OURS, idle=idle, objects=gone)) == []


@pytest.mark.parametrize(("release", "adopts"), [("argocd", True), ("argo", False)])
def test_a_release_in_another_namespace_is_explained(release: str, adopts: bool) -> None:
    (problem,) = problems(live(crds_of=("gitops", release)))
    assert problem.where == "protobox-cd:argocd.namespace"
    assert f"the Helm release {release!r} in the namespace 'gitops'" in problem.what
    assert ("protobox-cd:argocd: {namespace: gitops, adopt: true}" in problem.fix) is adopts
    assert "meta.helm.sh/release-name=argocd meta.helm.sh/release-namespace=argocd" in problem.fix
    assert problems(live(crds_of=("argocd", "argocd"))) == []


ALL = {NAMESPACE, APPLICATION, ("Release", "argocd")}
ADOPT: dict[str, Any] = {"argocd": {"adopt": True}, "defaults": {"adopt": True}}


def test_what_is_taken_over_outlives_the_stack() -> None:
    found = live(namespace=EMPTY, releases=RELEASE, workloads=HELM, objects=application())
    taken = adopted(found, **ADOPT)
    assert taken.adopted == taken.taken == ALL
    assert taken.annotations(NAMESPACE).items() >= {ADOPTED: "true", ADOPTED_RELEASE: "true"}.items()
    assert taken.annotations(APPLICATION)[ADOPTED] == "true"
    assert ADOPTED_RELEASE not in taken.annotations(APPLICATION)


def test_it_is_taken_over_still_where_a_run_has_died_that_had_only_imported_it() -> None:
    namespace, (docserver,) = replace(EMPTY, uid="1"), application()
    found = live(namespace=namespace, releases=RELEASE, objects=(replace(docserver, uid="2"),))
    taken = adopted(found, IN_STATE, **ADOPT)
    assert taken.imported == {}
    assert taken.adopted == taken.taken == ALL


@pytest.mark.parametrize("sections", [{}, ADOPT])
def test_what_was_adopted_once_stays_so_without_a_word_in_the_stack_file(sections: dict[str, Any]) -> None:
    namespace = LiveObject("argocd", {**ADOPTED_BY_US, ADOPTED_RELEASE: "true"}, kind="Namespace")
    application = LiveObject("argo-docserver", ADOPTED_BY_US)
    found = live(namespace=namespace, releases=RELEASE, workloads=HELM, objects=(application,))
    kept = adopted(found, IN_STATE, **sections)
    assert kept.adopted == ALL
    assert kept.taken == frozenset()
    assert kept.objects("argocd") == [
        "/api/v1/namespaces/argocd",
        "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/argo-docserver",
    ]


def test_offline_the_state_tells_what_was_adopted() -> None:
    marks = {**ADOPTED_BY_US, ADOPTED_RELEASE: "true"}
    state = {**IN_STATE, NAMESPACE: Remembered("urn:n", annotations=marks)}
    assert adopted(None, state).adopted == {NAMESPACE, ("Release", "argocd")}


def test_what_is_made_anew_since_it_had_gone_is_the_stacks() -> None:
    state = {**IN_STATE, APPLICATION: Remembered("urn:a", "argocd", "2", ADOPTED_BY_US)}
    assert adopted(live(namespace=OURS), state).adopted == frozenset()


def test_a_release_that_is_ours_in_a_namespace_that_was_there_goes_with_the_stack() -> None:
    namespace = LiveObject("argocd", ADOPTED_BY_US, kind="Namespace")
    assert adopted(live(namespace=namespace, releases=RELEASE, workloads=HELM)).adopted == {NAMESPACE}


def test_what_an_earlier_version_has_taken_over_is_kept_too() -> None:
    earlier = LiveObject("argo-docserver", {MARK: "dev", FORCE: "true"})
    namespace = LiveObject("argocd", {MARK: "dev"}, kind="Namespace")
    found = live(namespace=namespace, releases=RELEASE, workloads=HELM, objects=(earlier,))
    assert adopted(found, IN_STATE, **ADOPT).adopted == {NAMESPACE, APPLICATION}
    assert adopted(found, IN_STATE).adopted == {APPLICATION}
    ours = LiveObject("argo-docserver", {**OUR_MARK.annotations, FORCE: "true"})
    assert adopted(live(namespace=OURS, objects=(ours,)), **ADOPT).adopted == frozenset()
