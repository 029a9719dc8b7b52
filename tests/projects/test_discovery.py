"""GitLab is asked for the projects of a group; whatever is not its whole answer declares nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.projects import discovery, gitlab_session
from components.projects.discover import DiscoverSettings, Discovery, Found
from components.projects.discovery import DiscoveryError, discover
from components.projects.git import GitSettings
from components.projects.gitlab_session import PATIENCE
from components.projects.gitlab_session import TOKEN as VARIABLE
from tests.review.gitlab.faults import Fault
from tests.review.gitlab.group import Group, Repository
from tests.review.gitlab.objects import Role, Token, User
from tests.review.gitlab.server import TOKEN, GitLab, serving

OWN = "factory/CD/argo/application.yml"
BASE = "factory/CD/base/a.yaml"


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr(gitlab_session, "PATIENCE", PATIENCE.new(backoff_factor=0))


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    group = Group(repositories=[Repository(f"protobox1/{name}") for name in ("docserver", "shop", "billing")])
    with serving(GitLab(project=group)) as running:
        yield running


def repositories(gitlab: GitLab) -> list[Repository]:
    assert isinstance(gitlab.project, Group)
    return gitlab.project.repositories


def asked(gitlab: GitLab, **options: Any) -> Discovery:
    given = {"group": "protobox1", "url": gitlab.url, **options}
    git = {"baseUrl": "http://git.protobox/gitlab", "path": "factory/CD/base", "revision": "CD"}
    return discover(DiscoverSettings.model_validate(given), GitSettings.model_validate(git))


def refused(gitlab: GitLab, **options: Any) -> DiscoveryError:
    with pytest.raises(DiscoveryError) as caught:
        asked(gitlab, **options)
    assert "`up` would delete their Applications" in caught.value.why
    assert TOKEN not in str(caught.value)
    return caught.value


def names(found: Discovery) -> list[str]:
    return [one.path.removeprefix("protobox1/") for one in found.found]


def test_projects_with_the_folder_on_the_revision_are_found_in_order(gitlab: GitLab) -> None:
    repositories(gitlab)[1].files = {"README.md": ""}
    assert asked(gitlab) == Discovery(3, (Found("protobox1/billing"), Found("protobox1/docserver")))
    assert names(asked(gitlab, having="README.md/x")) == []
    assert names(asked(gitlab, revision="main")) == []


def test_archived_empty_and_excluded_projects_are_left_out_and_those_of_subgroups_count(
    gitlab: GitLab,
) -> None:
    repositories(gitlab)[0].archived = True
    repositories(gitlab)[1].is_empty = True
    repositories(gitlab).append(Repository("protobox1/team/web"))
    repositories(gitlab).append(Repository("protobox1/sandbox/web"))
    assert names(asked(gitlab, exclude=["sandbox/*"])) == ["billing", "team/web"]


def test_a_projects_own_application_file_is_read(gitlab: GitLab) -> None:
    repositories(gitlab)[0].files = {BASE: "a", OWN: "\ufeffkind: Application\n"}
    repositories(gitlab)[1].files = {OWN: "kind: Application\n"}  # without the folder
    assert asked(gitlab).found == (
        Found("protobox1/billing"),
        Found("protobox1/docserver", "kind: Application\n"),
    )
    assert all(one.application is None for one in asked(gitlab, application="").found)


def test_a_thousand_projects_are_read_page_by_page_with_a_question_each(gitlab: GitLab) -> None:
    repositories(gitlab)[:] = [
        Repository(f"protobox1/p{number}", {} if number % 2 else {BASE: "a"}) for number in range(1000)
    ]
    found = asked(gitlab)
    assert (found.asked, len(found.found)) == (1000, 500)
    assert gitlab.count("GET /groups/protobox1/projects") == 10
    assert gitlab.count("GET /projects/") == 1000 + 500


def test_a_group_below_another_is_asked_for_by_its_path(gitlab: GitLab) -> None:
    assert isinstance(gitlab.project, Group)
    gitlab.project.path = "protobox1/team"
    repositories(gitlab)[:] = [Repository("protobox1/team/web"), Repository("protobox1/team/old/web")]
    assert names(asked(gitlab, group="protobox1/team", exclude=["old/*"])) == ["team/web"]


def test_the_token_of_the_stack_wins_over_the_variable(
    gitlab: GitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "wrong")
    assert len(asked(gitlab, token=TOKEN).found) == 3
    monkeypatch.delenv(VARIABLE)
    error = refused(gitlab)
    assert "does not accept the token (401" in error.what
    assert VARIABLE in error.fix
    assert "pulumi config set --secret --path 'protobox-cd:discover.token'" in error.fix


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("GET", "/groups/", 99, 500), "500"),
        (Fault("GET", "/groups/", 99, 429), "429"),
        (Fault("GET", "/tree", 99, 503), "503"),
        (Fault("GET", "/raw", 99, 502), "502"),
        (Fault("GET", "/tree", 1, 403, '{"message": "403 Forbidden"}'), "may not read all of the group"),
        (Fault("GET", "/tree", 1, 404, '{"message": "404 Project Not Found"}'), "a project of it is gone"),
        (Fault("GET", "/tree", 1, 200, "<html>"), "has not answered as GitLab does"),
        (Fault("GET", "/groups/", 1, 200, '[{"name": "a"}]'), "has not answered as GitLab does"),
        (Fault("GET", "/groups/", 1, 200, '"no list"'), "has not answered as GitLab does"),
        (Fault("GET", "/tree", 99, drops=True), "cannot be asked"),
        (
            Fault("GET", "/tree", 1, 302, "", {"Location": "http://elsewhere/login"}),
            "sends on to http://else",
        ),
    ],
)
def test_whatever_is_not_the_whole_answer_stops(gitlab: GitLab, fault: Fault, what: str) -> None:
    gitlab.faults.append(fault)
    assert what in refused(gitlab).what


def test_a_busy_gitlab_is_asked_again(gitlab: GitLab) -> None:
    gitlab.faults += [Fault("GET", "/groups/", 2, 429), Fault("GET", "/tree", 2, 500)]
    assert len(asked(gitlab).found) == 3


def test_half_a_page_is_no_answer(gitlab: GitLab) -> None:
    gitlab.faults.append(
        Fault("GET", "/groups/", 1, 200, "[]", {"X-Total": "3", "X-Total-Pages": "1", "X-Page": "1"})
    )
    assert "has named 0 of 3 projects" in refused(gitlab).what


def test_a_group_that_does_not_exist_is_told_by_its_name(gitlab: GitLab) -> None:
    error = refused(gitlab, group="protobox2")
    assert "sees no group 'protobox2'" in error.what
    assert "correct protobox-cd:discover.group" in error.fix


def test_a_token_without_rights_is_told(gitlab: GitLab) -> None:
    gitlab.tokens[TOKEN] = Token(User(9, "guest", Role.NONE))
    assert "may not read all of the group 'protobox1' (403" in refused(gitlab).what


def test_a_gitlab_that_is_down_is_told_with_its_host(gitlab: GitLab) -> None:
    error = refused(gitlab, url="http://127.0.0.1:1/gitlab")
    assert error.what == "GitLab at 127.0.0.1:1 cannot be asked: Connection refused"
    assert "curl http://127.0.0.1:1/gitlab/api/v4/version" in error.fix


def test_a_private_authority_is_trusted_where_the_stack_file_names_it(tmp_path: Path) -> None:
    group = Group(repositories=[Repository("protobox1/docserver")])
    with serving(GitLab(project=group), tmp_path) as running:
        assert len(asked(running, caFile=running.ca_file).found) == 1
        error = refused(running)
        assert "is not trusted" in error.what
        assert "protobox-cd:discover.caFile" in error.fix


def test_an_application_file_without_an_end_is_not_taken(
    gitlab: GitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "LARGEST", 10)
    repositories(gitlab)[0].files = {BASE: "a", OWN: "x" * 11}
    error = refused(gitlab)
    assert "protobox1/docserver: factory/CD/argo/application.yml is larger" in error.what
    assert "exclude the project in protobox-cd:discover.exclude" in error.fix


def test_an_application_file_in_another_encoding_is_named(gitlab: GitLab) -> None:
    repositories(gitlab)[0].files = {BASE: "a", OWN: b"kind: Application # \xfcber"}
    error = refused(gitlab)
    assert "protobox1/docserver: factory/CD/argo/application.yml is not UTF-8 at byte 20" in error.what
    assert "correct the file in Git" in error.fix
