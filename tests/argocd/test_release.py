"""The Helm release that is taken over: what Helm has stored, and what the declaration would change of it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from components.argocd import release as adoption
from components.argocd.release import Installed, read_release, release_problems
from components.cluster.errors import ClusterError
from components.stackfile.problems import Problem
from tests.site import settings

VERSION = "10.1.1"


def problems(
    old: Mapping[str, Any], *, of: str = "argo-cd", version: str = VERSION, hidden: str = "", **said: Any
) -> list[Problem]:
    argocd = settings(argocd=said).argocd
    installed = Installed(of, version, old)
    found = list(release_problems(argocd, installed, "dev", lambda _path, text: text == hidden))
    assert all(problem.why and problem.fix for problem in found)
    return found


def test_values_that_are_declared_or_that_the_stack_adds_to_are_no_problem() -> None:
    assert problems({"global": {"domain": "a.site"}}, domain="a.site", insecure=True) == []


def test_what_would_be_lost_is_listed_with_the_values_to_paste() -> None:
    old = {"server": {"replicas": 2, "ingress": {"enabled": True}}, "configs": {"cm": {"a.b": "c"}}}
    (problem,) = problems(old, values={"server": {"extraArgs": ["--x"]}})
    assert problem.where == "protobox-cd:argocd.values"
    assert 'configs.cm["a.b"]: "c" would go' in problem.what
    rendered = problem.render("Pulumi.dev.yaml")
    assert (
        "         protobox-cd:argocd:\n           values:\n             server:\n               extraArgs:"
        in rendered
    )
    assert "drop: [" in problem.fix


def test_what_is_named_under_drop_may_go() -> None:
    assert problems({"server": {"replicas": 2}}, drop=["server"]) == []


def test_another_chart_version_stops_unless_the_stack_file_says_that_it_may_change() -> None:
    (problem,) = problems({}, version="9.0.0")
    assert problem.where == "protobox-cd:argocd.chart.version"
    assert "protobox-cd:argocd.chart.version: 9.0.0" in problem.fix
    assert problems({}, version="9.0.0", chart={"version": "9.0.0"}) == []
    assert problems({}, version="9.0.0", drop=["chart.version"]) == []
    (problem,) = problems({}, version="9.0.0", chart={"path": "lab/charts/argo-cd"})
    assert problem.where == "protobox-cd:argocd.chart.path"
    assert problems({}, version="v9.0.0", chart={"version": "9.0.0"}) == []
    assert problems({}, chart={"path": "no/chart"}) == []  # which is told elsewhere


def test_the_release_of_another_chart_is_not_taken_over() -> None:
    (problem,) = problems({"a": 1}, of="argocd-apps")
    assert "is of the chart 'argocd-apps'" in problem.what


def test_a_secret_is_not_shown_and_its_key_is_named() -> None:
    old = {"configs": {"secret": {"gitlabSecret": "geheim"}, "repositories": {"a": {"password": "auch"}}}}
    hide, lost = problems(old)
    text = hide.render("") + lost.render("")
    assert "geheim" not in text
    assert "auch" not in text
    assert "\n        pulumi config set --secret --stack dev hidden:configs-secret-gitlabSecret" in text
    assert "configs.secret.gitlabSecret: protobox-cd:argocd.webhook.gitlabSecret" in text
    assert "configs.repositories.a.password: protobox-cd:repositories" in text
    assert "values:" not in lost.fix


def test_a_secret_that_pulumi_hides_is_only_to_be_kept_or_dropped() -> None:
    old = {"configs": {"secret": {"gitlabSecret": "geheim"}}}
    (problem,) = problems(old, hidden="geheim")
    assert problem.where == "protobox-cd:argocd.values"
    assert problems(old, hidden="geheim", drop=["configs.secret"]) == []


class Cluster:
    """Has the Secrets that Helm keeps releases in."""

    def __init__(self, *secrets: dict[str, Any], error: ClusterError | None = None) -> None:
        self.secrets, self.error = secrets, error

    def get(self, _path: str, **_query: str) -> dict[str, Any]:
        if self.error:
            raise self.error
        return {"items": list(self.secrets)}


def stored(revision: int, **content: Any) -> dict[str, Any]:
    packed = base64.b64encode(gzip.compress(json.dumps(content).encode()))
    name = f"sh.helm.release.v1.argocd.v{revision}"
    return {
        "metadata": {"name": name, "labels": {"version": str(revision)}},
        "data": {"release": base64.b64encode(packed).decode()},
    }


def reads(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> Installed | None:
    @contextmanager
    def reader(_context: str) -> Iterator[Cluster]:
        yield cluster

    monkeypatch.setattr(adoption, "Reader", reader)
    return read_release("context", "argocd")


CHART = {"metadata": {"name": "argo-cd", "version": "9.0.0"}}


def test_the_newest_deployed_revision_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(stored(10, chart=CHART, config={"a": 1}), stored(9, chart=CHART, config={"a": 2}))
    assert reads(monkeypatch, cluster) == Installed("argo-cd", "9.0.0", {"a": 1})
    assert reads(monkeypatch, Cluster(stored(1, chart=CHART))) == Installed("argo-cd", "9.0.0", {})
    assert reads(monkeypatch, Cluster()) is None


@pytest.mark.parametrize("release", ["", "not base64!", base64.b64encode(b"eA==").decode()])
def test_what_helm_did_not_write_is_told(monkeypatch: pytest.MonkeyPatch, release: str) -> None:
    broken = stored(1) | {"data": {"release": release}}
    with pytest.raises(ClusterError, match="release.v1.argocd.v1".replace(".", "[.]")):
        reads(monkeypatch, Cluster(broken))
    with pytest.raises(ClusterError, match="cannot be read"):
        reads(monkeypatch, Cluster(stored(1, chart=[])))


def test_whoever_may_not_read_secrets_is_told_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClusterError, match="values of the Helm release 'argocd' cannot be read") as told:
        reads(monkeypatch, Cluster(error=ClusterError("403", "", "", forbidden=True)))
    assert "examples/preview-rights.yaml" in str(told.value)
    with pytest.raises(ClusterError, match="no answer"):
        reads(monkeypatch, Cluster(error=ClusterError("no answer", "", "")))
