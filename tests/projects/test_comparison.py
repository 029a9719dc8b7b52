"""When Argo CD is asked, and for which Applications."""

from __future__ import annotations

from typing import Any

import pytest

from components.checks.applications import application_problems
from components.cluster.errors import ClusterError
from components.projects import comparison
from components.projects.comparison import ComparisonProvider, compared, places
from components.projects.watching import Goal
from tests.site import settings

PROVIDER = ComparisonProvider()


def props(**projects: Any) -> dict[str, Any]:
    declared = settings(projects=projects).applications
    place = {"context": "test", "namespace": "argocd"}
    return {**place, "applications": compared(declared), "places": places(declared)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Goal]:
    """The goals that were followed."""
    found: list[Goal] = []
    monkeypatch.setattr(comparison, "follow", lambda _context, _argocd, goals, _say: found.extend(goals))
    return found


def test_at_first_all_are_followed_but_those_that_nobody_waits_for(asked: list[Goal]) -> None:
    PROVIDER.create(props(a={}, b={"wait": "none"}, c={"wait": "synced", "waitSeconds": 9}))
    assert asked == [
        Goal("argo-a", "argocd", "compared", 300.0, "protobox-cd:projects.a"),
        Goal("argo-c", "argocd", "synced", 9.0, "protobox-cd:projects.c"),
    ]


def test_later_only_what_has_changed(asked: list[Goal]) -> None:
    before, after = props(a={}, b={}, c={}), props(a={}, b={"revision": "main"}, d={})
    PROVIDER.update("", before, after)
    assert [goal.name for goal in asked] == ["argo-b", "argo-d"]


def test_what_is_only_elsewhere_in_the_stack_file_is_no_change() -> None:
    before = props(a={}, b={})
    assert not PROVIDER.diff("", before, {**before, "places": {}}).changes
    assert PROVIDER.diff("", before, props(a={}, b={"path": "deploy"})).changes


def test_the_digest_is_of_the_whole_manifest() -> None:
    plain, labelled = props(a={}), props(a={"labels": {"team": "docs"}})
    assert plain["applications"] != labelled["applications"]


def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, asked: list[Goal]) -> None:
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    with pytest.raises(ClusterError):
        PROVIDER.create(props(a={}))
    assert asked == []


@pytest.mark.parametrize("wait", ["synced", "healthy"])
@pytest.mark.parametrize("policy", [{}, {"automated": {"enabled": False}}])
def test_to_wait_for_a_sync_that_nobody_starts_is_a_mistake(wait: str, policy: dict[str, Any]) -> None:
    found = settings(projects={"a": {"wait": wait, "syncPolicy": policy}})
    (problem,) = application_problems(found)
    assert problem.path == ("projects", "a", "wait")
    assert problem.what == f"wait: {wait}, but argo-a is not synchronised automatically"
    assert "syncPolicy: {automated: {}}" in problem.fix


@pytest.mark.parametrize("project", [{"wait": "synced", "syncPolicy": {"automated": {}}}, {}])
def test_to_wait_for_what_happens_by_itself_is_fine(project: dict[str, Any]) -> None:
    assert list(application_problems(settings(projects={"a": project}))) == []
