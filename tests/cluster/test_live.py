"""Whether Argo CD works: by what it has looked at, not by what its pods say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.cluster import live
from components.cluster.errors import ClusterError
from components.cluster.helm_records import last_records
from components.cluster.live import idle, read_cluster

RUNNING = {"status": {"readyReplicas": 1}}
MINUTE = timedelta(minutes=1)
NOW = datetime.now(UTC) + timedelta(days=1)
"""By the API server's clock; this machine's is wrong."""


def looked_at(ago: timedelta | None) -> dict[str, Any]:
    then = (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ") if ago is not None else None
    return {
        "metadata": {"name": "a", "annotations": {"protobox-cd/stack": "dev"}, "finalizers": ["x"]},
        "status": {"reconciledAt": then} if then else {},
    }


NOTHING_WAITS = {"metadata": {"name": "a"}}


class Cluster:
    """Has an application-controller of a kind, and Applications that were looked at some time ago."""

    clock = NOW.timestamp()

    def __init__(self, *looks: timedelta | None, kind: str = "statefulsets", crds: Any = None) -> None:
        self.looks, self.kind, self.crds = looks, kind, crds

    def get(self, path: str, **_query: Any) -> Any:
        if path == "/version":
            return {"gitVersion": "v1.32.4"}
        if path.endswith("customresourcedefinitions"):
            if isinstance(self.crds, ClusterError):
                raise self.crds
            return {"items": self.crds or []}
        if path.endswith("/namespaces/argocd"):
            return {"metadata": {"name": "argocd"}}
        if path.endswith("/applications"):
            return {"items": [looked_at(ago) for ago in self.looks] or [NOTHING_WAITS]}
        return {"items": [RUNNING | {"metadata": {"name": "c"}}] if path.endswith(self.kind) else []}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Cluster:
    """The cluster that a test names as its parameter."""
    found: Cluster = request.param

    @contextmanager
    def reader(_context: str) -> Iterator[Cluster]:
        yield found

    monkeypatch.setattr(live, "Reader", reader)
    monkeypatch.setattr(live, "_A_MOMENT", 0.0)
    return found


@pytest.mark.parametrize(
    "cluster",
    [
        Cluster(MINUTE, None),
        Cluster(9 * MINUTE, 900 * MINUTE, kind="deployments"),
    ],
    indirect=True,
)
def test_a_controller_that_has_looked_at_something_works(cluster: Cluster) -> None:
    assert idle("context", "argocd") == ""
    assert read_cluster("context", "argocd").idle == ""


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        (Cluster(MINUTE, kind="none"), "no application-controller runs"),
        (Cluster(None), "has never looked at any Application, although its pods run"),
        (Cluster(90 * MINUTE), "not looked at any Application for 90 minutes"),
    ],
    indirect=["cluster"],
)
def test_a_controller_that_does_nothing_is_found_out(cluster: Cluster, why: str) -> None:
    assert why in idle("context", "argocd")
    assert why in read_cluster("context", "argocd").idle


@pytest.mark.parametrize("cluster", [Cluster()], indirect=True)
def test_where_nothing_waits_for_it_nobody_asks(cluster: Cluster) -> None:
    assert read_cluster("context", "argocd").idle == ""


OWNED = {
    "metadata": {
        "name": "applications.argoproj.io",
        "annotations": {"meta.helm.sh/release-name": "argo", "meta.helm.sh/release-namespace": "gitops"},
    }
}


@pytest.mark.parametrize(
    ("cluster", "owner"),
    [
        (Cluster(crds=[OWNED]), ("gitops", "argo")),
        (Cluster(crds=[{"metadata": {"name": "applications.argoproj.io"}}]), None),
        (Cluster(crds=ClusterError("403", "", "", forbidden=True)), None),
    ],
    indirect=["cluster"],
)
def test_whose_the_crds_are_is_read_where_it_may_be(cluster: Cluster, owner: tuple[str, str] | None) -> None:
    assert read_cluster("context", "argocd").crds_of == owner


@pytest.mark.parametrize("cluster", [Cluster(crds=ClusterError("no answer", "", ""))], indirect=True)
def test_no_answer_is_no_answer(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="no answer"):
        read_cluster("context", "argocd")


def test_the_age_of_helms_record_is_told_by_the_clock_of_the_api_server() -> None:
    labels = {"name": "argocd", "status": "pending-install", "version": "1", "modifiedAt": "4102444800"}
    made = {"creationTimestamp": "2026-01-01T00:00:00Z", "labels": labels}
    fields = [{"manager": "pulumi-kubernetes", "time": "2026-01-01T00:01:00Z"}]
    (record,) = last_records({"items": [{"metadata": made | {"managedFields": fields}}]}).values()
    assert (record.since, record.writer) == (1767225660, "pulumi-kubernetes")
    (bare,) = last_records({"items": [{"metadata": made}]}).values()
    assert (bare.since, bare.writer) == (1767225600, "")
