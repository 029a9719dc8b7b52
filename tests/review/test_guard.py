from __future__ import annotations

from typing import Any

import pytest

from review.guard import Refusal, Verdict, refusals
from review.words import Kind
from tests.review.built import preview, step
from tests.review.real_previews import WORKING, real

GUARDED = [Kind.CRD, Kind.NAMESPACE, Kind.ARGO_CD, Kind.DNS_LAYER]


@pytest.mark.parametrize("kind", GUARDED)
@pytest.mark.parametrize("op", ["delete", "replace", "delete-replaced"])
def test_what_others_depend_on_is_guarded_against_deletion(kind: Kind, op: str) -> None:
    (found,) = refusals(preview(step(op, kind, "x", old={"a": 1})))
    assert found.why


@pytest.mark.parametrize("kind", GUARDED)
@pytest.mark.parametrize("op", ["create", "update", "import", "same", "read"])
def test_nothing_else_is_guarded(kind: Kind, op: str) -> None:
    assert refusals(preview(step(op, kind, "x", old={"a": 1}, protect=True))) == []


KEPT, NOT_KEPT = ({"values": {"crds": {"keep": keep}}} for keep in (True, False))
OFF = {"values": {"crds": {"install": False}}}


@pytest.mark.parametrize(("op", "new"), [("update", OFF), ("delete", None), ("replace", NOT_KEPT)])
def test_a_release_that_takes_the_crds_along_is_guarded_and_says_so(op: str, new: Any) -> None:
    (found,) = refusals(preview(step(op, Kind.ARGO_CD, "argocd", old=NOT_KEPT, new=new)))
    assert "Argo CD's CRDs go with it" in found.why


@pytest.mark.parametrize(("old", "new"), [(KEPT, OFF), ({}, OFF), (KEPT, NOT_KEPT), (NOT_KEPT, NOT_KEPT)])
def test_crds_that_stay_need_no_guard(old: Any, new: Any) -> None:
    assert refusals(preview(step("update", Kind.ARGO_CD, "argocd", old=old, new=new))) == []


def test_a_project_is_guarded_if_the_state_protects_it() -> None:
    free, protected = (
        step("delete", name="argo-a", old={}),
        step("delete", name="argo-b", old={}, protect=True),
    )
    (found,) = refusals(preview(free, protected))
    assert found.change.name == "argo-b"
    assert "whatever labels there are" in found.why


def test_what_outlives_its_deletion_is_not_guarded() -> None:
    assert refusals(preview(step("delete", Kind.NAMESPACE, "argocd", old={}, retainOnDelete=True))) == []


@pytest.mark.parametrize(
    ("name", "guarded"),
    [
        *((name, set()) for name in WORKING if name not in {"to-host-aliases", "another-namespace"}),
        ("to-host-aliases", {"coredns", "nodelocaldns"}),
        ("another-namespace", {"argocd"}),
        ("protected-project", {"argo-billing"}),
    ],
)
def test_real_previews(name: str, guarded: set[str]) -> None:
    assert {one.change.name for one in refusals(real(name))} == guarded


def test_the_label_lets_it_pass() -> None:
    found = [Refusal(real("drift").changes[0], "why")]
    assert Verdict(found).refuses
    assert not Verdict(found, allowed=True).refuses
    assert not Verdict().refuses
