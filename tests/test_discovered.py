"""Projects that GitLab has named become projects of the stack, by all rules; messages say whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from components.discovered import Discovered, discovered
from components.projects.application import Application
from components.projects.discover import Discovery, Found
from components.settings import load_settings
from components.stackfile.problems import Problem

SECTIONS: dict[str, Any] = {
    "cluster": {"context": "site"},
    "git": {"baseUrl": "http://git.protobox/gitlab", "group": "protobox1", "path": "base", "revision": "CD"},
    "dns": {"strategy": "none"},
    "discover": {"group": "protobox1"},
}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop-itself}
spec:
  project: default
  source: {repoURL: "http://192.168.1.7/gitlab/protobox1/shop.git", targetRevision: CD, path: factory}
  destination: {server: "https://kubernetes.default.svc", namespace: shop}
"""


def found(*projects: Found, **sections: Any) -> tuple[Discovered, dict[str, Application]]:
    values = SECTIONS | sections
    added = discovered(load_settings(values), values, Discovery(len(projects), projects))
    settings = load_settings(added.added_to(values))
    return added, {one.name: one for one in settings.applications}


def test_each_is_declared_as_if_the_stack_file_named_it() -> None:
    _, declared = found(Found("protobox1/docserver"), Found("protobox1/shop"))
    projects: dict[str, Any] = {"docserver": {}, "shop": {}}
    by_hand = load_settings({**SECTIONS, "projects": projects}).applications
    assert [one.manifest for one in declared.values()] == [one.manifest for one in by_hand]


def test_one_of_a_subgroup_or_of_another_group_has_its_own_repository() -> None:
    _, declared = found(Found("protobox1/team/web"))
    (repository,) = declared["argo-web"].repositories
    assert repository.url == "http://git.protobox/gitlab/protobox1/team/web.git"


def test_what_holds_for_those_that_are_found_is_merged_over_the_defaults() -> None:
    said = {"group": "protobox1", "as": {"labels": {"found": "yes"}}, "having": "deploy", "revision": "main"}
    _, declared = found(
        Found("protobox1/docserver"), discover=said, defaults={"labels": {"team": "docs"}, "protect": True}
    )
    one = declared["argo-docserver"]
    assert one.manifest["metadata"]["labels"] == {"team": "docs", "found": "yes"}
    assert one.options.protect
    assert (one.spec["source"]["path"], one.spec["source"]["targetRevision"]) == ("deploy", "main")


@pytest.mark.parametrize(
    "projects",
    [
        {"docserver": {"path": "mine"}},
        {"docs": {"path": "mine", "repository": "http://git.protobox/gitlab/protobox1/docserver.git"}},
    ],
)
def test_what_the_stack_file_names_wins_by_its_name_and_by_its_repository(projects: dict[str, Any]) -> None:
    added, declared = found(Found("protobox1/docserver"), projects=projects)
    assert added.projects == {}
    (one,) = declared.values()
    assert one.spec["source"]["path"] == "mine"


def test_a_projects_own_application_file_rules() -> None:
    git = {**SECTIONS["git"], "hosts": {"192.168.1.7": "git.protobox"}}
    _, declared = found(Found("protobox1/shop", APPLICATION), git=git)
    (one,) = declared.values()
    assert one.name == "shop-itself"
    assert one.spec["source"]["repoURL"] == "http://git.protobox/gitlab/protobox1/shop.git"


def test_two_projects_of_the_same_name_are_told_with_both_paths() -> None:
    added, _ = found(Found("protobox1/a/web"), Found("protobox1/b/web"))
    (problem,) = added.problems
    assert problem.what == "protobox1/a/web and protobox1/b/web are both called 'web'"
    assert "protobox-cd:discover.exclude" in problem.fix


def test_a_mistake_in_what_was_found_is_told_with_its_path_in_git() -> None:
    added, _ = found(Found("protobox1/docserver"), Found("protobox1/shop", APPLICATION))
    told = added.located(Problem(("projects", "docserver", "destination"), "it is wrong", "why", "do"), 0)
    assert told.path == ("discover",)
    assert told.what == "the project protobox1/docserver, which was found in GitLab: it is wrong"
    assert "protobox-cd:projects.docserver" in told.fix
    assert added.located(Problem(("manifests", 0), "what", "why", "do"), 0).path == ("discover",)
    for path in ("manifests", 0), ("projects", "mine"), ("dns",), ():
        other = Problem(path, "what", "why", "do")
        assert added.located(other, 1) is other


def test_a_broken_application_file_is_told_with_its_project_and_line() -> None:
    added, _ = found(Found("protobox1/docserver"))
    values = SECTIONS
    broken = discovered(
        load_settings(values), values, Discovery(1, (Found("protobox1/shop", "kind: Application\n  a: ["),))
    )
    assert added.manifests == []
    (problem,) = broken.manifests[0].problems
    assert problem.file == "protobox1/shop: factory/CD/argo/application.yml"
    assert problem.line
