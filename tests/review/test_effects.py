from __future__ import annotations

from typing import Any

import pytest

from review.effects import effects
from review.words import Kind
from tests.review.built import application, layer, preview, step
from tests.review.real_previews import real


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("first-deploy", "DNS: the zone `protobox` will be forwarded to `dnsmasq` (`192.168.1.7`)"),
        (
            "to-consul",
            (
                "DNS: the zone `protobox` will be forwarded to `consul` (`192.168.1.7:8600`; `git.protobox` "
                "asked as `git.service.consul`) instead of `dnsmasq` (`192.168.1.7`)"
            ),
        ),
        (
            "to-host-aliases",
            (
                "DNS: the zone `protobox` will no longer be forwarded; Argo CD's pods get hosts entries "
                "(`hostAliases`)"
            ),
        ),
        ("drift", "DNS: somebody has changed the Corefile of `coredns`, and `up` puts our block back"),
        (
            "another-namespace",
            "Argo CD is removed and installed anew: chart `lab/charts/argo-cd` `10.1.1-lab`",
        ),
    ],
)
def test_the_first_sentence_tells_the_main_effect(name: str, first: str) -> None:
    assert effects(real(name))[0] == first


def test_nothing_has_no_effect() -> None:
    assert effects(real("no-changes")) == []


def test_a_strategy_that_is_dropped_says_that_nothing_comes_in_its_place() -> None:
    gone = step("delete", Kind.DNS_LAYER, "coredns", old=layer("10.0.0.1"))
    (told,) = effects(preview(gone, config={"dns": {"strategy": "none"}}))
    assert told.endswith("nothing of this stack makes the names resolve then (strategy `none`)")


def release(**inputs: Any) -> dict[str, Any]:
    return {"name": "argocd", "chart": "argo-cd", "version": "10.1.1", "values": {}, **inputs}


@pytest.mark.parametrize(
    ("op", "old", "new", "told"),
    [
        ("create", None, release(), "Argo CD is installed: chart `argo-cd` `10.1.1`"),
        (
            "import",
            None,
            release(),
            "the Argo CD that is there already is taken over: chart `argo-cd` `10.1.1`",
        ),
        ("delete", release(), None, "Argo CD is removed"),
        ("update", release(), release(version="10.2.0"), "Argo CD: `version`: `10.1.1` → `10.2.0`"),
        ("update", release(), release(values={"a": 1}), "Argo CD: its values change"),
        ("update", release(), release(timeout=1), "Argo CD: its release changes"),
    ],
)
def test_what_happens_to_argo_cd(op: str, old: Any, new: Any, told: str) -> None:
    assert effects(preview(step(op, Kind.ARGO_CD, "argocd", old=old, new=new))) == [told]


def test_the_projects_are_named_and_many_are_counted() -> None:
    added = [step("create", name=f"argo-p{n}", new=application(f"argo-p{n}")) for n in range(9)]
    gone = step("delete", name="argo-old", old=application("argo-old"))
    assert effects(preview(*added, gone)) == [
        "projects: `p0`, `p1`, `p2`, `p3`, `p4` and 4 more added; `old` deleted"
    ]
