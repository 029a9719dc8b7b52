"""Following Applications, on a scripted cluster: what ends it, what is said on the way, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import pytest

from components.cluster.errors import ClusterError
from components.cluster.live import NO_CONTROLLER, PLAYED
from components.projects import watching
from components.projects.application_status import REFRESH
from components.projects.watching import Goal, follow

COMMIT = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"
NO_REVISION = "rpc error: code = Unknown desc = unable to resolve 'x' to a commit SHA"
EARLIER, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
Step = Callable[["Cluster"], None]


class Cluster:
    """Applications, and what Argo CD makes of them: a step at each watch."""

    def __init__(self, names: list[str], *steps: Step, why_not: str = "") -> None:
        self.items: dict[str, dict[str, Any]] = {}
        for name in names:
            metadata = {"name": name, "namespace": "argocd", "annotations": {}}
            self.items[name] = {"metadata": metadata, "status": {}}
        self.steps = list(steps)
        self.why_not = why_not
        self.changed: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, _path: str, **_query: str) -> Any:
        return {"metadata": {"resourceVersion": "5"}, "items": list(self.items.values())}

    def merge(self, path: str, patch: Mapping[str, Any]) -> Any:
        item = self.items.get(path.rpartition("/")[2])
        if item:
            said = {**item["metadata"]["annotations"], **patch["metadata"]["annotations"]}
            item["metadata"]["annotations"] = {key: value for key, value in said.items() if value}
        return item

    def watch(self, _path: str, version: str, _seconds: float) -> Iterator[Mapping[str, Any]]:
        assert version == "5"
        if self.steps:
            self.steps.pop(0)(self)
        changed, self.changed = self.changed, []
        for name in changed:
            found = self.items.get(name)
            kind = "MODIFIED" if found else "DELETED"
            yield {"type": kind, "object": found or {"metadata": {"name": name}}}


def compares(name: str, sync: str = "OutOfSync", health: str = "Missing", **status: Any) -> Step:
    """Return the step in which Argo CD has looked at an Application."""

    def act(cluster: Cluster) -> None:
        item = cluster.items[name]
        item["metadata"]["annotations"].pop(REFRESH, None)
        item["status"] = {
            "reconciledAt": LATER,
            "sync": {"status": sync, "revision": COMMIT},
            "health": {"status": health},
            **status,
        }
        cluster.changed.append(name)

    return act


def fails(name: str, message: str = NO_REVISION) -> Step:
    """Return the step in which Argo CD cannot compare an Application."""
    return compares(name, "Unknown", conditions=[{"type": "ComparisonError", "message": message}])


def goals(*names: str, until: str = "compared", seconds: float = 5.0) -> list[Goal]:
    return [Goal(name, "argocd", until, seconds, f"protobox-cd:projects.{name}") for name in names]


def followed(monkeypatch: pytest.MonkeyPatch, cluster: Cluster, wanted: list[Goal]) -> list[str]:
    """Follow, and return what was said."""
    said: list[str] = []
    monkeypatch.setattr(watching, "Reader", lambda _context: cluster)
    monkeypatch.setattr(watching, "why_nobody_looks", lambda *_: cluster.why_not)
    monkeypatch.setattr(watching, "_OTHERS", 0.05)
    monkeypatch.setattr(watching, "_MOMENT", 0.1)
    follow("context", "argocd", wanted, said.append)
    return said


def test_it_ends_when_argo_cd_has_taken_the_question_away(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(["a"], lambda _: None, compares("a"))
    assert followed(monkeypatch, cluster, goals("a")) == ["a: OutOfSync Missing, 3b18e51, after 0 s"]


def test_an_old_status_is_not_taken_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(["a"], lambda _: None, compares("a"))
    fails("a")(cluster)
    assert followed(monkeypatch, cluster, goals("a")) == ["a: OutOfSync Missing, 3b18e51, after 0 s"]


def test_an_error_is_told_with_place_cause_words_and_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClusterError) as told:
        followed(monkeypatch, Cluster(["a", "b"], compares("b"), fails("a")), goals("a", "b"))
    assert told.value.what.splitlines() == [
        "Argo CD is not done with 1 of 2 Applications, after 0 s",
        "a (protobox-cd:projects.a): there is no such branch, tag or commit",
        "Argo CD says: unable to resolve 'x' to a commit SHA",
    ]
    assert told.value.fix.startswith("correct the revision")
    assert told.value.fix.endswith("then run pulumi up again, which asks Argo CD once more")


def test_several_errors_are_told_together_each_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(cluster: Cluster) -> None:
        fails("a")(cluster)
        fails("c")(cluster)

    steps = (both, fails("b", "a: app path does not exist"))
    with pytest.raises(ClusterError) as told:
        followed(monkeypatch, Cluster(["a", "b", "c"], *steps), goals("a", "b", "c"))
    assert "a (protobox-cd:projects.a), c (protobox-cd:projects.c): there is no such" in told.value.what
    assert [line.partition(":")[0] for line in told.value.fix.splitlines()][:2] == ["a, c", "b"]


def test_an_argo_cd_that_is_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    starting = fails("a", "rpc error: code = Unavailable desc = connection refused")
    said = followed(monkeypatch, Cluster(["a"], starting, compares("a")), goals("a"))
    assert said[-1].startswith("a: OutOfSync Missing")


def test_an_application_that_goes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def goes(cluster: Cluster) -> None:
        del cluster.items["a"]
        cluster.changed.append("a")

    with pytest.raises(ClusterError, match="it is no longer in the cluster"):
        followed(monkeypatch, Cluster(["a"], goes), goals("a"))


def test_healthy_is_waited_for_through_the_synchronisation(monkeypatch: pytest.MonkeyPatch) -> None:
    running = compares("a", operationState={"phase": "Running", "startedAt": LATER})
    progressing = compares("a", "Synced", "Progressing", operationState={"phase": "Succeeded"})
    done = compares("a", "Synced", "Healthy", operationState={"phase": "Succeeded"})
    said = followed(monkeypatch, Cluster(["a"], running, progressing, done), goals("a", until="healthy"))
    assert [line.partition(",")[0] for line in said] == [
        "a: OutOfSync Missing",
        "a: Synced Progressing",
        "a: Synced Healthy",
    ]


def failed_sync(began: str) -> dict[str, Any]:
    ended = {"phase": "Failed", "message": "x is not permitted in project 'shop'", "startedAt": began}
    return {"operationState": {**ended, "syncResult": {"revision": COMMIT}}}


def test_a_sync_that_has_failed_before_is_no_answer_and_a_new_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(["a"], compares("a", **failed_sync(EARLIER)), compares("a", **failed_sync(LATER)))
    cluster.items["a"]["status"] = failed_sync(EARLIER)
    with pytest.raises(ClusterError, match="its AppProject forbids it"):
        followed(monkeypatch, cluster, goals("a", until="synced"))
    assert cluster.steps == []


def test_a_failed_sync_that_nobody_repeats_is_told_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_AGAIN", 0.0)
    cluster = Cluster(["a"], compares("a", **failed_sync(EARLIER)))
    cluster.items["a"]["status"] = failed_sync(EARLIER)
    with pytest.raises(ClusterError, match="its AppProject forbids it"):
        followed(monkeypatch, cluster, goals("a", until="synced"))


def test_when_the_time_is_over_it_is_told_how_far_it_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(["a", "b"], compares("a"))
    with pytest.raises(ClusterError) as told:
        followed(monkeypatch, cluster, goals("a", "b", until="synced", seconds=0.2))
    assert "it is OutOfSync Missing, 3b18e51, and not synced" in told.value.what
    assert "Argo CD has not looked at it" in told.value.what


@pytest.mark.parametrize("why", [NO_CONTROLLER, PLAYED])
def test_where_nobody_looks_a_line_says_so_and_the_question_is_taken_back(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    cluster = Cluster(["a"], why_not=why)
    (line,) = followed(monkeypatch, cluster, goals("a"))
    assert line == f"warning: whether Argo CD can compare a is not known: {why}"
    assert cluster.items["a"]["metadata"]["annotations"] == {}


def test_many_are_counted_and_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"a{number}" for number in range(100)]

    def all_of_them(cluster: Cluster) -> None:
        for name in names:
            compares(name)(cluster)

    said = followed(monkeypatch, Cluster(names, all_of_them), goals(*names))
    assert said == ["Argo CD is done with 100 of 100 after 0 s"]


def test_without_goals_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(monkeypatch, Cluster([]), []) == []
