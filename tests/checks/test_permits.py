"""What an AppProject does not permit is told before Argo CD refuses to synchronise it."""

from __future__ import annotations

from typing import Any

import pytest

from components.checks.access_sections import access_warnings
from components.checks.permits import permits_repository
from components.settings import Settings
from tests.projects.corpus import PROJECTS
from tests.site import SITE, settings

EDGE = {"edge": {"server": "https://10.0.0.5:6443", "bearerToken": "t", "insecure": True}}
URL = "http://git.protobox/gitlab/protobox1/basket.git"


def told(stack: Settings) -> list[str]:
    return access_warnings(stack, stack.applications)


def warnings(app_project: dict[str, Any], **project: Any) -> list[str]:
    """Return what is told of a project `basket` of the AppProject `shop`."""
    git = {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}}
    projects = {"basket": {"appProject": "shop", **project}}
    return told(settings(git=git, projects=projects, appProjects={"shop": app_project}, clusters=EDGE))


@pytest.mark.parametrize(
    ("patterns", "permitted"),
    [
        (["*"], True),
        ([URL], True),
        ([URL.removesuffix(".git").upper()], True),
        (["http://git.protobox/gitlab/protobox1/*"], True),
        (["http://git.protobox/gitlab/*/*"], True),
        (["http://git.protobox/**"], True),
        (["http://git.protobox/gitlab/protobox1/bas?et"], True),
        (["http://git.protobox/gitlab/protobox1/{basket,till}"], True),  # for Argo CD to judge
        (["!http://git.protobox/gitlab/other/*"], True),
        (["*", "!http://git.protobox/gitlab/other/*"], True),
        (["http://git.protobox/gitlab/*"], False),
        (["http://git.protobox/gitlab/other/*"], False),
        (["http://192.168.1.7/gitlab/protobox1/*"], False),
        (["*", "!http://git.protobox/gitlab/protobox1/*"], False),
        ([], False),
    ],
)
def test_a_repository_is_permitted_as_argo_cd_reads_the_patterns(
    patterns: list[str], permitted: bool
) -> None:
    assert permits_repository(patterns, URL) is permitted


def test_an_address_in_source_repos_permits_the_name_that_takes_its_place() -> None:
    assert warnings({"sourceRepos": ["http://192.168.1.7/gitlab/protobox1/*"]}) == []
    (warning,) = warnings({"sourceRepos": ["*", "!http://192.168.1.7/gitlab/protobox1/*"]})
    assert warning.startswith(f"argo-basket: the AppProject 'shop' does not permit the repository {URL}")
    assert "protobox-cd:appProjects.shop.sourceRepos" in warning


@pytest.mark.parametrize(
    ("permitted", "destination", "refused"),
    [
        ([{"namespace": "*"}], {}, False),
        ([{"namespace": "shop-*"}], {"namespace": "shop-eu"}, False),
        ([{"namespace": "shop-*"}], {"namespace": "till"}, True),
        ([{"namespace": "shop-*"}], {}, True),
        ([{"cluster": "edge", "namespace": "*"}], {"name": "edge"}, False),
        ([{"cluster": "edge", "namespace": "*"}], {"server": "https://10.0.0.5:6443"}, False),
        ([{"cluster": "edge", "namespace": "*"}], {"name": "in-cluster"}, True),
        ([{"server": "https://10.0.0.*", "namespace": "*"}], {"name": "edge"}, False),
        ([{"namespace": "*"}, {"namespace": "!argocd"}], {"namespace": "argocd"}, True),
        ([{"namespace": "*"}, {"namespace": "!argocd"}], {"namespace": "shop"}, False),
        (
            [{"cluster": "*", "namespace": "*"}, {"cluster": "!edge", "namespace": "*"}],
            {"name": "edge"},
            True,
        ),
        ([{"namespace": "shop-{eu,us}"}], {"namespace": "till"}, False),  # for Argo CD to judge
        ([], {}, True),
    ],
)
def test_a_destination_that_is_not_permitted_is_warned_about(
    permitted: list[dict[str, str]], destination: dict[str, str], refused: bool
) -> None:
    found = warnings({"destinations": permitted}, destination=destination)
    assert [("appProjects.shop.destinations" in warning) for warning in found] == [True] * refused


def test_a_cluster_that_only_argo_cd_knows_by_its_server_is_left_to_it() -> None:
    stack = settings(
        projects={"basket": {"appProject": "shop", "destination": {"name": "theirs"}}},
        appProjects={"shop": {"destinations": [{"server": "https://10.0.0.9", "namespace": "*"}]}},
        clusters={"theirs": {"declare": False}},
    )
    assert told(stack) == []


@pytest.mark.parametrize("name", PROJECTS)
def test_what_an_app_project_permits_by_default_is_enough(name: str) -> None:
    projects = {"basket": {**PROJECTS[name], "appProject": "shop"}}
    assert told(settings(projects=projects, appProjects={"shop": {}})) == []


def test_a_raw_spec_of_an_app_project_may_say_anything() -> None:
    assert warnings({"spec": {"sourceRepos": 5, "destinations": [7]}}) == []
