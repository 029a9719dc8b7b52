"""What was adopted gets rid of our marks when it leaves the stack, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from components import marks
from components.cluster.errors import ClusterError
from components.cluster.objects import ADOPTED, FORCE, IDENTITY, MARK, Mark, marked
from components.marks import AdoptedProvider

A, B = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a", "/api/v1/namespaces/argocd"
PROVIDER = AdoptedProvider()
OURS = {MARK: "dev", ADOPTED: "true", FORCE: "true", "note": "theirs"}
WITH_IDENTITY = {MARK: "dev", IDENTITY: "abc", "x": "y"}


class Cluster:
    """Has objects by their paths, and remembers what is merged into them."""

    def __init__(self, **annotations: dict[str, str]) -> None:
        self.objects = {
            {"a": A, "b": B}[name]: {
                "metadata": {
                    "name": {"a": "a", "b": "argocd"}[name],
                    "resourceVersion": "5",
                    "annotations": found,
                }
            }
            for name, found in annotations.items()
        }
        self.merged: dict[str, Any] = {}

    def get(self, path: str, **_query: Any) -> Any:
        below = [found for name, found in self.objects.items() if name.startswith(f"{path}/")]
        return self.objects.get(path) or ({"items": below} if below else None)

    def merge(self, path: str, patch: Any) -> None:
        self.merged[path] = patch


def given_back(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    @contextmanager
    def reader(_context: str) -> Iterator[Cluster]:
        yield cluster

    monkeypatch.setattr(marks, "Reader", reader)
    monkeypatch.setattr(marks, "same_cluster", lambda _context, known: known)


def props(*objects: str) -> dict[str, Any]:
    return {"context": "c", "stack": "dev", "identity": "abc", "cluster": "uid", "objects": list(objects)}


def test_the_marks_go_from_all_of_it_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(a=OURS, b=WITH_IDENTITY)
    given_back(monkeypatch, cluster)
    PROVIDER.delete("adopted", props(A, B))
    gone: dict[str, None] = {MARK: None, ADOPTED: None, FORCE: None}
    assert cluster.merged[A] == {"metadata": {"resourceVersion": "5", "annotations": gone}}
    assert cluster.merged[B]["metadata"]["annotations"] == {MARK: None, IDENTITY: None}


def test_only_what_has_left_the_stack_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(a=OURS, b=OURS)
    given_back(monkeypatch, cluster)
    PROVIDER.update("adopted", props(A, B), props(B))
    assert list(cluster.merged) == [A]


@pytest.mark.parametrize(
    "annotations", [{MARK: "other", ADOPTED: "true"}, {MARK: "dev", IDENTITY: "other"}, {"note": "theirs"}]
)
def test_what_is_another_stacks_by_now_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, annotations: dict[str, str]
) -> None:
    cluster = Cluster(a=annotations)
    given_back(monkeypatch, cluster)
    PROVIDER.delete("adopted", props(A, B))  # the other one is gone altogether
    assert cluster.merged == {}


def test_all_that_has_the_mark_of_a_stack_is_found() -> None:
    cluster: Any = Cluster(a=OURS, b=OURS)
    assert marked(cluster, "argocd", Mark("dev", "abc")) == [B, A]
    assert marked(cluster, "argocd", Mark("prod", "abc")) == []


def test_nothing_is_given_back_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    with pytest.raises(ClusterError, match="PROTOBOX_OFFLINE"):
        PROVIDER.delete("adopted", props(A))


def test_a_change_of_what_was_adopted_is_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "same_cluster", lambda _context, known: known)
    checked = PROVIDER.check(props(A), props(A, B))
    assert PROVIDER.diff("adopted", props(A), checked.inputs).changes is True
    assert PROVIDER.diff("adopted", props(A), PROVIDER.check(props(A), props(A)).inputs).changes is False
