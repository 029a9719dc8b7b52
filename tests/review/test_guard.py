from __future__ import annotations

from typing import Any

import pytest

from review.guard import Refusal, Verdict, refusals
from review.words import Kind
from tests.review.built import answered, application, layer, preview, step
from tests.review.real_previews import real

CASCADE: dict[str, Any] = {"finalizers": ["resources-finalizer.argocd.argoproj.io/background"]}
PRUNE = {"automated": {"prune": True}}


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


def synced(policy: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """Return the inputs of an Application with this sync policy and these fields."""
    inputs = application()
    inputs["spec"] |= {"syncPolicy": PRUNE if policy is None else policy, **spec}
    return inputs


def read_from(url: str, path: str = "base", revision: str = "CD") -> dict[str, Any]:
    return synced(source={"repoURL": url, "path": path, "targetRevision": revision})


def aliased(*names: str) -> dict[str, Any]:
    return {"values": {"global": {"hostAliases": [{"ip": "10.0.0.1", "hostnames": [*names]}]}}}


HERE, THERE = {"server": "https://kubernetes.default.svc"}, {"name": "north"}
LABELLED = {"labels": {"argocd.argoproj.io/secret-type": "cluster"}}
SERVICE = "kubernetes:core/v1:Service"
# what happens → what the guard says of it, "" for nothing
CASES: list[tuple[str, str, str, Any, Any, str]] = [
    ("the Release goes", "delete", Kind.ARGO_CD, named("x"), None, "while Argo CD is away"),
    ("the namespace goes", "delete", Kind.NAMESPACE, named("x"), None, "everything in a namespace"),
    ("a CRD goes", "delete", Kind.CRD, named("x"), None, "every object of this kind"),
    ("a set goes", "delete", Kind.APPLICATION_SET, named("x"), None, "the Applications that it has made"),
    ("a set changes", "update", Kind.APPLICATION_SET, named("x"), named("x"), ""),
    ("what nobody knows goes", "delete", SERVICE, named("x"), None, "nobody can tell"),
    ("the proof goes", "delete", Kind.PROOF, {}, None, ""),
    ("the last look goes", "delete", Kind.FINALIZER_GUARD, {}, None, ""),
    # Applications
    ("an Application goes", "delete", Kind.APPLICATION, application(), None, ""),
    ("... and is replaced", "replace", Kind.APPLICATION, application(), application(), ""),
    (
        "... with its workload",
        "delete",
        Kind.APPLICATION,
        application(**CASCADE),
        None,
        "deletes its workload",
    ),
    (
        "... replaced, with it",
        "replace",
        Kind.APPLICATION,
        application(**CASCADE),
        application(),
        "deletes its",
    ),
    (
        "... unknown finalizers",
        "delete",
        Kind.APPLICATION,
        application(finalizers="[secret]"),
        None,
        "deletes",
    ),
    ("... with a finalizer of others", "delete", Kind.APPLICATION, application(finalizers=["a/b"]), None, ""),
    ("its cascade is set", "update", Kind.APPLICATION, application(), application(**CASCADE), ""),
    (
        "another revision",
        "update",
        Kind.APPLICATION,
        read_from("http://a/b"),
        read_from("http://a/b", revision="x"),
        "",
    ),
    (
        "another name of the host",
        "update",
        Kind.APPLICATION,
        read_from("http://10.0.0.1/g/b.git"),
        read_from("https://git.protobox/g/b.git"),
        "",
    ),
    (
        "another repository",
        "update",
        Kind.APPLICATION,
        read_from("http://a/b.git"),
        read_from("http://a/c.git"),
        "prunes what is not there",
    ),
    (
        "... over ssh",
        "update",
        Kind.APPLICATION,
        read_from("git@a:b.git"),
        read_from("git@a:c.git"),
        "prunes what is not there",
    ),
    (
        "another path",
        "update",
        Kind.APPLICATION,
        read_from("http://a/b"),
        read_from("http://a/b", "other"),
        "prunes",
    ),
    (
        "another cluster",
        "update",
        Kind.APPLICATION,
        synced(destination=HERE),
        synced(destination=THERE),
        "elsewhere",
    ),
    (
        "... without prune",
        "update",
        Kind.APPLICATION,
        synced({}, destination=HERE),
        synced({}, destination=THERE),
        "",
    ),
    (
        "... prune is off",
        "update",
        Kind.APPLICATION,
        synced({"automated": {"prune": True, "enabled": False}}, destination=HERE),
        synced({"automated": {"prune": True, "enabled": False}}, destination=THERE),
        "",
    ),
    # DNS
    ("a layer goes", "delete", Kind.DNS_LAYER, layer("10.0.0.1"), None, "no longer resolves the names"),
    ("a layer that is not there goes", "delete", Kind.DNS_LAYER, layer("10.0.0.1", present=False), None, ""),
    (
        "a zone goes",
        "update",
        Kind.DNS_LAYER,
        layer("10.0.0.1"),
        layer("10.0.0.1", zone="other"),
        "zone `protobox` is no longer",
    ),
    (
        "the layer is gone",
        "update",
        Kind.DNS_LAYER,
        layer("10.0.0.1"),
        layer("10.0.0.1", present=False),
        "no longer",
    ),
    (
        "a server goes",
        "update",
        Kind.DNS_LAYER,
        layer("10.0.0.1", "10.0.0.2"),
        layer("10.0.0.2"),
        "loses the server `10.0.0.1`",
    ),
    (
        "a server is another",
        "update",
        Kind.DNS_LAYER,
        layer("10.0.0.1"),
        layer("10.0.0.2"),
        "loses the server",
    ),
    ("a server comes", "update", Kind.DNS_LAYER, layer("10.0.0.1"), layer("10.0.0.2", "10.0.0.1"), ""),
    (
        "a name of hosts entries goes",
        "update",
        Kind.DNS_LAYER,
        answered("10.0.0.1"),
        answered("10.0.0.1", name="other.protobox"),
        "the name `git.protobox` is no longer answered",
    ),
    (
        "a name of hosts entries gets another address",
        "update",
        Kind.DNS_LAYER,
        answered("10.0.0.1"),
        answered("10.0.0.2"),
        "loses the address `10.0.0.1`",
    ),
    (
        "a zone takes the place of a name",
        "update",
        Kind.DNS_LAYER,
        answered("10.0.0.1"),
        layer("10.0.0.2"),
        "",
    ),
    ("a zone comes", "create", Kind.DNS_LAYER, None, layer("10.0.0.1"), ""),
    ("the layer has come", "update", Kind.DNS_LAYER, layer("10.0.0.1", present=False), layer("10.0.0.2"), ""),
    (
        "an entry for the pods goes",
        "update",
        Kind.ARGO_CD,
        aliased("git.protobox", "b"),
        aliased("b"),
        "no longer resolve `git.protobox`",
    ),
    ("an entry for the pods comes", "update", Kind.ARGO_CD, aliased("b"), aliased("b", "c"), ""),
    # what Argo CD is given
    (
        "a cluster goes",
        "delete",
        Kind.SECRET,
        named("argocd-cluster-north"),
        None,
        "no longer knows this cluster",
    ),
    ("a repository goes", "delete", Kind.SECRET, named("argocd-repo-docs"), None, "loses its way into"),
    ("a template goes", "delete", Kind.SECRET, named("argocd-repo-creds-a"), None, "loses its way into"),
    ("another Secret goes", "delete", Kind.SECRET, named("other"), None, "whatever reads this Secret"),
    (
        "a cluster is no longer one",
        "update",
        Kind.SECRET,
        named("argocd-cluster-a", **LABELLED),
        named("argocd-cluster-a"),
        "no longer knows",
    ),
    (
        "a password changes",
        "update",
        Kind.SECRET,
        {**named("argocd-repo-a"), "data": "a"},
        named("argocd-repo-a"),
        "",
    ),
    (
        "an AppProject goes",
        "delete",
        Kind.APP_PROJECT,
        named("team"),
        None,
        "this stack has none, others may",
    ),
    (
        "an AppProject changes",
        "update",
        Kind.APP_PROJECT,
        named("team"),
        named("team", labels={"a": "b"}),
        "",
    ),
]


@pytest.mark.parametrize(
    ("op", "kind", "old", "new", "why"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_takes_more_along_than_it_declares_is_refused(
    op: str, kind: str, old: Any, new: Any, why: str
) -> None:
    found = refusals(preview(step(op, kind, "x", old=old, new=new)))
    assert [why in one.why for one in found] == ([True] if why else [])


@pytest.mark.parametrize("op", ["create", "update", "import", "same", "read"])
@pytest.mark.parametrize("kind", [*Kind])
def test_what_deletes_nothing_is_not_refused(kind: Kind, op: str) -> None:
    assert refusals(preview(step(op, kind, "x", old={"a": 1}, new={"a": 2}))) == []


def test_an_app_project_names_the_applications_of_the_stack_that_are_in_it() -> None:
    steps = [step("same", name=f"argo-{n}", old={}, new=synced(project="team")) for n in range(7)]
    other = step("same", name="argo-other", old={}, new=synced(project="default"))
    (found,) = refusals(preview(*steps, other, step("delete", Kind.APP_PROJECT, "team", old=named("team"))))
    assert found.why.endswith("of this stack: `argo-0`, `argo-1`, `argo-2`, `argo-3`, `argo-4`, 2 more")


def test_entries_for_the_pods_may_go_where_a_zone_takes_their_place() -> None:
    entries = step("update", Kind.ARGO_CD, "argocd", old=aliased("git.protobox"), new={"values": {}})
    zone = step("create", Kind.DNS_LAYER, "coredns", new=layer("10.0.0.1"))
    assert refusals(preview(entries, zone)) == []
    assert len(refusals(preview(entries))) == 1


KEPT, NOT_KEPT = ({"values": {"crds": {"keep": keep}}} for keep in (True, False))
OFF = {"values": {"crds": {"install": False}}}


@pytest.mark.parametrize(("op", "new"), [("update", OFF), ("delete", None), ("replace", NOT_KEPT)])
def test_a_release_that_takes_the_crds_along_is_guarded_and_says_so(op: str, new: Any) -> None:
    (found,) = refusals(preview(step(op, Kind.ARGO_CD, "argocd", old=NOT_KEPT, new=new)))
    assert "Argo CD's CRDs go with it" in found.why


@pytest.mark.parametrize(("old", "new"), [(KEPT, OFF), ({}, OFF), (KEPT, NOT_KEPT), (NOT_KEPT, NOT_KEPT)])
def test_crds_that_stay_need_no_guard(old: Any, new: Any) -> None:
    assert refusals(preview(step("update", Kind.ARGO_CD, "argocd", old=old, new=new))) == []


def test_what_outlives_its_deletion_is_not_guarded() -> None:
    assert refusals(preview(step("delete", Kind.NAMESPACE, "argocd", old={}, retainOnDelete=True))) == []


@pytest.mark.parametrize(
    ("name", "guarded"),
    [
        *((name, set[str]()) for name in ("first-deploy", "no-changes", "drift", "protected-project")),
        ("to-consul", {"coredns", "nodelocaldns"}),
        ("to-host-aliases", {"coredns", "nodelocaldns"}),
        ("another-namespace", {"argocd", "argocd-repo-creds-gitlab"}),
    ],
)
def test_real_previews(name: str, guarded: set[str]) -> None:
    assert {one.change.name for one in refusals(real(name))} == guarded


def test_the_label_lets_it_pass() -> None:
    found = [Refusal(real("drift").changes[0], "why")]
    assert Verdict(found).refuses
    assert not Verdict(found, allowed=True).refuses
    assert not Verdict().refuses
