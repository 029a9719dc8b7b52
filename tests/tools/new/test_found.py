"""`make new` on a cluster with an Argo CD: the file declares what is there, and nothing would be lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.argocd.release import Installed, release_problems
from components.cluster.errors import ClusterError
from components.projects.taking_over import application_problems
from components.settings import load_settings
from tools.new import __main__ as new
from tools.new import found as finding
from tools.new import interview
from tools.new.found import Found, described, find

ADDRESS = "http://192.168.1.7/gitlab/protobox1"
SOURCE = {"repoURL": f"{ADDRESS}/docserver.git", "targetRevision": "CD", "path": "factory/CD/base"}
HERE = {"server": "https://kubernetes.default.svc"}
HELM = {"valueFiles": ["a.yaml"], "parameters": [{"name": "a", "value": "b"}]}
IGNORED = [{"kind": "Service", "jsonPointers": ["/spec"]}]
CASCADE = "resources-finalizer.argocd.argoproj.io"
VALUES = {
    "server": {"replicas": 2, "ingress": {"enabled": True, "hosts": ["argocd.site"]}},
    "configs": {"params": {"server.insecure": True}, "secret": {"gitlabSecret": "geheim"}},
}


def live(name: str, metadata: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    usual = {"project": "default", "source": SOURCE, "destination": HERE, **spec}
    content = {key: value for key, value in usual.items() if value is not None}
    return {"metadata": {"name": name, **(metadata or {})}, "spec": content}


APPLICATIONS = [
    live("argo-docserver", syncPolicy={"syncOptions": ["CreateNamespace=true"]}),
    live("argo-labelled", {"labels": {"team": "docs"}, "annotations": {"a/b": "c"}, "finalizers": [CASCADE]}),
    live("by-another-name", destination={**HERE, "namespace": "docs"}),
    live("argo-shop", project="shop", destination={"name": "edge", "namespace": "shop"}),
    live("argo-auto", syncPolicy={"automated": {"prune": True, "selfHeal": True}, "retry": {"limit": 3}}),
    live("argo-other", source={**SOURCE, "repoURL": f"{ADDRESS}/else.git", "targetRevision": "main"}),
    live("argo-helm", source={**SOURCE, "helm": HELM}),
    live("argo-two", source=None, sources=[SOURCE, {**SOURCE, "ref": "values", "path": "x"}]),
    live("argo-more", revisionHistoryLimit=3, info=[{"name": "a", "value": "b"}], ignoreDifferences=IGNORED),
]  # fmt: skip


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The configuration that is written for a cluster with all of this."""
    there = Found(
        Installed("argo-cd", "9.0.0", VALUES), {one["metadata"]["name"]: one for one in APPLICATIONS}
    )
    monkeypatch.setattr(interview, "find", lambda _context: there)
    monkeypatch.setattr(interview, "_known_contexts", lambda: {"site": ""})
    monkeypatch.chdir(tmp_path)
    assert new.main(["prod", "--yes", "--group", "protobox1", "--scan", "."]) == 0
    text = (tmp_path / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    assert "geheim" not in text
    assert "#   configs.secret.gitlabSecret" in text
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


def test_nothing_of_what_is_there_would_be_lost(written: dict[str, Any]) -> None:
    sections = {key.removeprefix("protobox-cd:"): value for key, value in written.items()}
    settings = load_settings(sections)
    declared = {one.name: one for one in settings.applications}
    assert declared.keys() == {one["metadata"]["name"] for one in APPLICATIONS}
    for one in APPLICATIONS:
        assert list(application_problems(declared[one["metadata"]["name"]], one)) == []
        assert declared[one["metadata"]["name"]].options.adopt
    for repository in declared["argo-docserver"].repositories:
        assert repository.host == "git.protobox"
    installed = Installed("argo-cd", "9.0.0", VALUES)
    (problem,) = release_problems(settings.argocd, installed, "prod", lambda _path, _text: True)
    assert "configs.secret.gitlabSecret" in problem.what
    assert "server" not in problem.what.partition("\n")[2]


def test_what_is_usual_is_not_written(written: dict[str, Any]) -> None:
    assert written["protobox-cd:projects"]["docserver"] == {}
    assert written["protobox-cd:appProjects"] == {"shop": {"declare": False}}
    assert written["protobox-cd:clusters"] == {"edge": {"declare": False}}
    assert written["protobox-cd:argocd"]["chart"] == {"version": "9.0.0"}


def test_an_argo_cd_in_another_namespace_is_found_and_the_usual_one_comes_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(finding, "read_release", lambda *_place: None)
    monkeypatch.setattr(finding, "read_applications", lambda *_place: {})
    for there, chosen in ([], "argocd"), (["gitops"], "gitops"), (["a", "argocd"], "argocd"):
        monkeypatch.setattr(finding, "argocd_namespaces", lambda _context, there=there: there)
        assert find("site").namespace == chosen
    assert "in other namespaces, too: a" in capsys.readouterr().out


def test_who_may_not_list_workloads_is_shown_the_usual_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_context: str) -> None:
        raise ClusterError("the API server forbids it", "", "", forbidden=True)

    monkeypatch.setattr(finding, "argocd_namespaces", forbidden)
    monkeypatch.setattr(finding, "read_release", lambda *_place: None)
    monkeypatch.setattr(finding, "read_applications", lambda _context, namespace: {namespace: {}})
    assert find("site").applications == {"argocd": {}}


def test_the_namespace_of_an_argo_cd_elsewhere_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        interview, "find", lambda _context: Found(Installed("argo-cd", "9.0.0", {}), {}, "gitops")
    )
    monkeypatch.setattr(interview, "_known_contexts", lambda: {"site": ""})
    monkeypatch.chdir(tmp_path)
    assert new.main(["prod", "--yes", "--group", "protobox1", "--project", "docserver"]) == 0
    config = yaml.safe_load((tmp_path / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    assert config["protobox-cd:argocd"]["namespace"] == "gitops"


def test_a_cluster_that_may_not_be_read_is_told_and_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forbidden(_context: str, _namespace: str) -> None:
        raise ClusterError("the API server forbids it", "", "")

    monkeypatch.setattr(finding, "argocd_namespaces", lambda _context: [])
    monkeypatch.setattr(finding, "read_release", forbidden)
    found = find("site")
    assert found == Found()
    assert described(found) == ""
    assert "cannot be seen: the API server forbids it" in capsys.readouterr().out


def test_what_is_found_is_described() -> None:
    assert "no Helm release argocd and 1 Applications" in described(Found(None, {"a": {}}))
