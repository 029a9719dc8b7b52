from __future__ import annotations

from typing import Any

import pytest

from review.details import explanation
from review.words import Kind, subject
from tests.review.built import answered, application, layer, preview, step
from tests.review.real_previews import real


def told(built: dict[str, Any], **config: Any) -> tuple[str, str]:
    """Return what is changed and what happens to it."""
    found = preview(built, config=config)
    (change,) = found.changes
    return subject(change, found), explanation(change)


def named(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


@pytest.mark.parametrize(
    ("kind", "inputs", "words"),
    [
        (Kind.DNS_LAYER, {"name": "coredns"}, "DNS layer `coredns`"),
        (Kind.ARGO_CD, {"name": "argocd"}, "Argo CD"),
        (Kind.ARGO_CD, {"name": "other"}, "Helm release `other`"),
        (Kind.NAMESPACE, named("argocd"), "namespace `argocd`"),
        (Kind.CRD, named("applications.argoproj.io"), "CRD `applications.argoproj.io`"),
        (Kind.APPLICATION, named("argo-a"), "project `a` → Application `argo-a`"),
        (Kind.APPLICATION, named("bee"), "project `b` → Application `bee`"),
        (Kind.APPLICATION, named("read-from-a-file"), "Application `read-from-a-file`"),
        (Kind.APP_PROJECT, named("team"), "AppProject `team`"),
        (Kind.SECRET, named("argocd-repo-creds-gitlab"), "credential template `gitlab`"),
        (Kind.SECRET, named("argocd-repo-docs"), "repository `docs`"),
        (Kind.SECRET, named("argocd-cluster-north"), "cluster `north`"),
        (Kind.SECRET, named("other"), "Secret `other`"),
        (Kind.PROOF, {}, "proof that the names resolve"),
        (Kind.FINALIZER_GUARD, {}, "last look before a deletion"),
        ("kubernetes:core/v1:Service", named("x"), "`kubernetes:core/v1:Service` `x`"),
    ],
)
def test_a_resource_is_named_as_the_stack_file_names_it(
    kind: str, inputs: dict[str, Any], words: str
) -> None:
    assert told(step("create", kind, "x", new=inputs), projects={"b": {"application": "bee"}})[0] == words


def test_a_resource_whose_name_is_not_known_has_that_of_the_program() -> None:
    assert (
        told(step("create", Kind.NAMESPACE, "argocd", new={"metadata": "[secret]"}))[0]
        == "namespace `argocd`"
    )


def test_a_new_application_says_what_is_deployed() -> None:
    inputs = application()
    inputs["spec"]["destination"] = {"name": "north", "namespace": "docs"}
    assert told(step("create", new=inputs))[1] == (
        "`http://git.protobox/gitlab/protobox1/docserver.git`; revision `CD`; path `factory/CD/base`; "
        "deployed to `north`; namespace `docs`"
    )


def test_of_several_sources_the_first_is_told() -> None:
    sources = [{"repoURL": "http://git.protobox/a.git"}, {"chart": "b"}, {"chart": "c"}]
    inputs = {**application(), "spec": {"sources": sources}}
    assert told(step("create", new=inputs))[1] == "`http://git.protobox/a.git`; and 2 more sources"


def test_a_deleted_application_says_what_becomes_of_its_workload() -> None:
    finalizers = ["resources-finalizer.argocd.argoproj.io"]
    assert told(step("delete", old=application()))[1] == "its workload keeps running"
    with_cascade = step("delete", old=application(finalizers=finalizers))
    assert told(with_cascade)[1] == "Argo CD **deletes its workload too** (`cascade`)"


def test_what_outlives_its_deletion_says_so() -> None:
    kept = step("delete", Kind.NAMESPACE, "argocd", old=named("argocd"), retainOnDelete=True)
    assert told(kept)[1] == "it stays in the cluster; only this stack forgets it"


def test_many_fields_are_cut_off() -> None:
    old, new = ({"a": {f"f{n}": side for n in range(20)}} for side in (1, 2))
    assert told(step("update", old=old, new=new))[1].endswith("`a.f5`: `1` → `2`; and 14 more fields")


def test_the_values_of_a_release_are_counted_and_shown_elsewhere() -> None:
    old = {"name": "argocd", "version": "10.1.1", "values": {"a": 1, "b": 1}}
    new = {"name": "argocd", "version": "10.2.0", "values": {"a": 2, "c": 1}}
    assert told(step("update", Kind.ARGO_CD, "argocd", old=old, new=new))[1] == (
        "`version`: `10.1.1` → `10.2.0`; values: 3 entries differ, see below"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (layer("10.0.0.1"), layer("10.0.0.2"), "zone `protobox`: `10.0.0.1` → `10.0.0.2`"),
        (
            layer("10.0.0.1"),
            layer("10.0.0.1", zone="other"),
            "zone `protobox`: `10.0.0.1`; no longer forwarded; zone `other`: `10.0.0.1`",
        ),
        (
            layer("10.0.0.1"),
            answered("10.0.0.7", "10.0.0.8"),
            "zone `protobox`: `10.0.0.1`; no longer forwarded; zone `git.protobox`: `10.0.0.7`, `10.0.0.8`",
        ),
        (
            answered("10.0.0.7"),
            layer("10.0.0.1"),
            "zone `git.protobox`: `10.0.0.7`; no longer answered; zone `protobox`: `10.0.0.1`",
        ),
        (
            layer("10.0.0.1"),
            layer("10.0.0.1", present=False),
            "the cluster has no such layer, so nothing is written",
        ),
        (
            layer("10.0.0.1", edits={"x 1": ["+a"]}),
            layer("10.0.0.1", edits={"x 1": ["+a"], "x 2": ["+a"]}),
            "somebody has changed the Corefile since; our block is put back",
        ),
        (layer("10.0.0.1", edits={"x 1": ["+a"]}), layer("10.0.0.1", edits={"x 1": ["+a"]}), ""),
    ],
)
def test_a_layer_says_which_zone_goes_where(old: dict[str, Any], new: dict[str, Any], words: str) -> None:
    assert told(step("update", Kind.DNS_LAYER, "coredns", old=old, new=new))[1] == words


def test_a_deleted_layer_says_what_is_cut_out() -> None:
    deleted = step("delete", Kind.DNS_LAYER, "coredns", old=layer("10.0.0.1"))
    empty = step("delete", Kind.DNS_LAYER, "coredns", old=layer("10.0.0.1", owned={}))
    assert told(deleted)[1] == "our block `protobox:53` is cut out, and nothing else"
    assert told(empty)[1] == "there is no block of ours in it"


def test_a_replaced_namespace_is_called_by_the_name_that_goes() -> None:
    found = real("another-namespace")
    names = [subject(change, found) for change in found.changes]
    assert "namespace `argocd`" in names
    assert "namespace `delivery`" not in names
