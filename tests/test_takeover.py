"""Taking over is compared once with what is declared: the release, and each Application."""

from __future__ import annotations

from typing import Any

import pytest

from components import beforehand
from components.adoption import declared_objects
from components.argocd.release import Installed
from components.beforehand import TakenOver, taken_over
from components.cluster.ownership import RELEASE_NAME, Adoption
from tests.site import settings

SOURCE = {"repoURL": "http://192.168.1.7/gitlab/protobox1/docserver.git", "targetRevision": "CD"}
LIVE = {"metadata": {"name": "argo-docserver"}, "spec": {"source": {**SOURCE, "path": "factory/CD/base"}}}
NOTHING = Adoption()
ALL = Adoption(taken=frozenset({RELEASE_NAME, ("Application", "argo-docserver")}))


@pytest.fixture(autouse=True)
def _an_argo_cd(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"configs": {"secret": {"gitlabSecret": "geheim"}}}
    monkeypatch.setattr(beforehand, "read_release", lambda *_place: Installed("argo-cd", "10.1.1", values))
    monkeypatch.setattr(beforehand, "read_applications", lambda *_place: {"argo-docserver": LIVE})
    monkeypatch.delenv("CI", raising=False)


def told(adopted: Adoption, hidden: str | None = None, **sections: Any) -> TakenOver:
    read = settings(**{"defaults": {"adopt": True}, **sections})
    return taken_over(read, declared_objects(read, read.applications, ()), adopted, lambda _key: hidden)


def test_what_is_ours_already_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beforehand, "read_release", lambda *_place: pytest.fail("it was read"))
    monkeypatch.setattr(beforehand, "read_applications", lambda *_place: pytest.fail("they were read"))
    assert told(NOTHING) == TakenOver([])


def test_the_link_of_each_project_is_told_old_and_new() -> None:
    text = told(ALL).text
    assert "argo-docserver: http://192.168.1.7/gitlab/protobox1/docserver.git → http://git.protobox/" in text


def places(found: TakenOver) -> list[str]:
    return [problem.where for problem in found.problems]


def test_a_secret_must_be_hidden_by_pulumi_and_kept_or_dropped() -> None:
    drop = {"drop": ["configs.secret"]}
    assert places(told(ALL)) == ["protobox-cd:argocd.adopt", "protobox-cd:argocd.values"]
    assert places(told(ALL, argocd=drop)) == ["protobox-cd:argocd.adopt"]
    assert places(told(ALL, "geheim", argocd=drop)) == []
    webhook = {"webhook": {"gitlabSecret": "geheim"}}
    assert places(told(ALL, argocd=drop | webhook)) == []


def test_what_stands_in_clear_in_the_stack_file_is_no_secret_any_more() -> None:
    values = {"configs": {"secret": {"gitlabSecret": "geheim"}}}
    assert places(told(ALL, argocd={"values": values})) == []


def test_in_a_pipeline_nothing_hides_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    (problem,) = told(ALL, "geheim", argocd={"drop": ["configs.secret"]}).problems
    assert "from a terminal" in problem.fix
