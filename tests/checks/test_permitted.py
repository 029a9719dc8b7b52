"""What an AppProject permits is what Argo CD lets its Applications use; what is not known is no mistake."""

from __future__ import annotations

from typing import Any

import pytest

from components.checks.permitted import permission_problems
from components.settings import load_settings
from components.stackfile.problems import Problem, SettingsError
from tests.site import SITE, settings

CLUSTERS = {
    "edge": {"server": "https://10.0.0.5:6443", "bearerToken": "t", "insecure": True},
    "own": {"server": "https://10.0.0.6:6443", "bearerToken": "t", "insecure": True, "project": "shop"},
    "far": {"declare": False},
}
URL = "http://git.protobox/gitlab/protobox1/docserver.git"
HERE, EDGE = {"server": "https://kubernetes.default.svc"}, {"name": "edge"}
NOT_SOURCE, NOT_DESTINATION = ("projects", "a", "repository"), ("projects", "a", "destination")


def problems(app_project: dict[str, Any], project: dict[str, Any], **sections: Any) -> list[Problem]:
    return permission_problems(
        settings(
            clusters=CLUSTERS,
            appProjects={"shop": app_project},
            projects={"a": {"appProject": "shop", **project}},
            **sections,
        )
    )


@pytest.mark.parametrize(
    ("patterns", "permitted"),
    [
        (["*"], True),
        (["http://git.protobox/gitlab/*"], False),  # `*` ends at a slash
        (["http://git.protobox/gitlab/*/*"], True),
        (["http://git.protobox/**"], True),
        (["HTTP://git.protobox/gitlab/protobox1/DocServer"], True),  # neither case nor .git counts
        (["http://git.protobox/gitlab/other/*", URL], True),
        (["http://git.protobox/gitlab/other/*"], False),
        (["*", "!http://git.protobox/gitlab/protobox1/*"], False),
        (["!http://git.protobox/gitlab/other/*"], True),  # whoever only denies permits the rest
        ([], False),
        (["http://git.protobox/gitlab/protobox?/*"], True),  # such a pattern is left to Argo CD
    ],
)
def test_a_repository_has_to_fit_what_the_app_project_permits(patterns: list[str], permitted: bool) -> None:
    found = problems({"sourceRepos": patterns}, {"repository": URL})
    assert [problem.path for problem in found] == ([] if permitted else [NOT_SOURCE])


@pytest.mark.parametrize(
    ("destinations", "to", "permitted"),
    [
        ([{"namespace": "*"}], HERE, True),
        ([{"namespace": "shop-*"}], {"namespace": "shop-a"}, True),
        ([{"namespace": "shop-*"}], {"namespace": "billing"}, False),
        ([{"namespace": "shop-*"}], {}, False),  # no namespace fits only `*`
        ([{"namespace": "*"}], EDGE, False),
        ([{"cluster": "edge", "namespace": "*"}], {"server": "https://10.0.0.5:6443"}, True),
        ([{"server": "https://10.0.0.*", "namespace": "*"}], EDGE, True),
        (
            [{"server": "https://10.0.0.*", "namespace": "*"}],
            {"name": "far"},
            True,
        ),  # its server nobody knows
        ([{"server": "*", "namespace": "*"}, {"namespace": "!kube-*"}], {"namespace": "kube-system"}, False),
        ([{"server": "*", "namespace": "*"}, {"cluster": "!edge", "namespace": "*"}], EDGE, False),
    ],
)
def test_a_destination_has_to_fit_what_the_app_project_permits(
    destinations: list[dict[str, str]], to: dict[str, str], permitted: bool
) -> None:
    found = problems({"destinations": destinations}, {"destination": to})
    assert [problem.path for problem in found] == ([] if permitted else [NOT_DESTINATION])


@pytest.mark.parametrize(
    ("to", "permitted"), [(HERE, False), (EDGE, False), ({"name": "own"}, True), ({"name": "far"}, True)]
)
def test_only_its_own_clusters_are_permitted_where_the_app_project_says_so(
    to: dict[str, str], permitted: bool
) -> None:
    found = problems({"permitOnlyProjectScopedClusters": True}, {"destination": to})
    assert [problem.path for problem in found] == ([] if permitted else [NOT_DESTINATION])


@pytest.mark.parametrize(
    ("app_project", "sections"),
    [
        ({"declare": False}, {}),
        ({}, {}),  # it permits what its Applications use
        ({"spec": {"sourceRepos": "none"}}, {}),  # told as another type
        ({"sourceRepos": []}, {"argocd": {"values": {"configs": {"cm": {"globalProjects": "- x"}}}}}),
    ],
)
def test_what_somebody_else_may_permit_is_no_mistake(app_project: Any, sections: dict[str, Any]) -> None:
    assert problems(app_project, {}, **sections) == []


def test_of_a_git_server_whose_address_is_wrong_nothing_more_is_said() -> None:
    values = {**SITE, "git": {"baseUrl": "git"}, "appProjects": {"shop": {"sourceRepos": []}}}
    with pytest.raises(SettingsError) as raised:
        load_settings({**values, "defaults": {"appProject": "shop"}}, checks=[permission_problems])
    assert [problem.path for problem in raised.value.problems] == [("git", "baseUrl")]
