from __future__ import annotations

import json
import socket
import time
import traceback
from pathlib import Path

import gitlab as python_gitlab
import pytest
from gitlab import Gitlab

from components.projects import gitlab_session
from review import gitlab_api
from review.gitlab_api import GitLabError, asking, connect, number
from tests.review.gitlab import Fault, GitLab, Token, serving
from tests.review.gitlab.objects import Role, User
from tests.review.gitlab.server import BOT, JOB_TOKEN, TOKEN

NOTES = "/projects/5/merge_requests/7/notes"


def ask(connection: Gitlab) -> int:
    """Ask GitLab for one thing."""
    with asking(connection, "merge request !7", "a reviewer waits for it"):
        connection.auth()
        assert connection.user
        return int(connection.user.id)


def refusal(connection: Gitlab) -> str:
    """Return the message with which asking fails, of which no part may show the token."""
    with pytest.raises(GitLabError) as raised:
        ask(connection)
    whole = "".join(traceback.format_exception(raised.value))
    assert TOKEN not in whole
    return " ".join(str(raised.value).split())


def test_the_variables_of_a_job_are_enough(gitlab: GitLab) -> None:
    assert ask(connect(gitlab.environ())) == BOT.id
    assert gitlab.requests == ["GET /user"]


def test_a_gitlab_at_the_root_of_its_host_works() -> None:
    with serving(GitLab(subpath="")) as gitlab:
        assert ask(connect(gitlab.environ())) == BOT.id


CA = "CI_SERVER_TLS_CA_FILE"
WRONG_VARIABLES = [
    ({"PROTOBOX_GITLAB_TOKEN": ""}, "the variable is not set", "project access token"),
    ({"PROTOBOX_GITLAB_TOKEN": ""}, "the variable is not set", "a protected variable to protected branches"),
    ({"PROTOBOX_GITLAB_TOKEN": JOB_TOKEN}, "CI_JOB_TOKEN", "read notes but not write them"),
    ({"PROTOBOX_GITLAB_TOKEN": "glcbt-of-another-job"}, "CI_JOB_TOKEN", "read notes but not write them"),
    ({"PROTOBOX_GITLAB_TOKEN": "glpat-one\nglpat-two"}, "a line break", "copy the token again"),
    ({"PROTOBOX_GITLAB_TOKEN": "glpat-ü"}, "a character that no token has", "copy the token again"),
    ({"CI_SERVER_URL": ""}, "CI_SERVER_URL", "the variable is not set"),
    ({"CI_SERVER_URL": "git.protobox"}, "not the URL", "http://git.protobox/gitlab"),
]


@pytest.mark.parametrize(("variables", "what", "fix"), WRONG_VARIABLES)
def test_a_variable_that_cannot_be_used_is_told_before_anything_is_asked(
    gitlab: GitLab, variables: dict[str, str], what: str, fix: str
) -> None:
    with pytest.raises(GitLabError) as raised:
        connect(gitlab.environ() | variables)
    message = " ".join(str(raised.value).split())
    assert what in message
    assert fix in message
    assert next(reversed(variables)) in message
    assert (variables.get("PROTOBOX_GITLAB_TOKEN") or TOKEN) not in message
    assert not gitlab.requests


@pytest.mark.parametrize(("text", "what"), [("", "not set"), ("seven", "'seven' is not a number")])
def test_a_number_that_gitlab_would_set_is_missing_or_none(text: str, what: str) -> None:
    with pytest.raises(GitLabError, match=what):
        number({"CI_PROJECT_ID": text}, "CI_PROJECT_ID")


def test_nothing_that_is_shown_of_a_connection_has_the_token(gitlab: GitLab) -> None:
    connection = connect(gitlab.environ())
    assert TOKEN not in repr(connection) + str(connection) + repr(connection.session)


def test_a_private_ca_is_trusted_where_gitlab_names_it(tmp_path: Path) -> None:
    with serving(GitLab(), tmp_path) as gitlab:
        assert ask(connect(gitlab.environ())) == BOT.id
        environ = gitlab.environ()
        del environ[CA]
        message = refusal(connect(environ))
    assert "certificate of 127.0.0.1" in message
    assert "tls-ca-file" in message


@pytest.mark.parametrize("file", ["/nowhere/ca.pem", __file__])
def test_a_file_of_no_certificates_is_told(tmp_path: Path, file: str) -> None:
    with serving(GitLab(), tmp_path) as gitlab:
        message = refusal(connect(gitlab.environ() | {CA: file}))
    assert "tls-ca-file" in message


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_gitlab_is_asked_again(gitlab: GitLab, status: int) -> None:
    gitlab.faults = [Fault("GET", "/user", times=2, status=status, headers={"Retry-After": "0"})]
    assert ask(connect(gitlab.environ())) == BOT.id
    assert gitlab.count("GET /user") == 3


def test_a_wait_that_is_asked_for_is_kept(gitlab: GitLab) -> None:
    gitlab.faults = [Fault(status=429, headers={"Retry-After": "1"})]
    began = time.monotonic()
    ask(connect(gitlab.environ()))
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("asked", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_longer_wait_is_cut_short_and_a_gitlab_that_stays_busy_is_given_up(
    gitlab: GitLab, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    impatient = gitlab_session.PATIENCE.new(total=1, retry_after_max=0)
    monkeypatch.setattr(gitlab_session, "PATIENCE", impatient)
    gitlab.faults = [Fault(times=100, status=429, headers={"Retry-After": asked})]
    began = time.monotonic()
    assert "GitLab answers 429 Too Many Requests, also after waiting" in refusal(connect(gitlab.environ()))
    assert time.monotonic() - began < 5
    assert gitlab.count("GET") == 2


def test_the_waits_of_a_request_are_bounded() -> None:
    patience = gitlab_session.PATIENCE
    assert patience.total == 4
    assert patience.retry_after_max <= 15


def test_a_write_is_never_repeated_since_gitlab_may_have_carried_it_out(gitlab: GitLab) -> None:
    gitlab.faults = [Fault("POST", times=9, status=429, headers={"Retry-After": "3600"})]
    connection = connect(gitlab.environ())
    with pytest.raises(GitLabError, match="GitLab answers 429"), asking(connection, "the note", "why"):
        connection.http_post(NOTES, post_data={"body": "x"})
    assert gitlab.count("POST") == 1


def test_a_gitlab_that_does_not_answer_is_not_waited_for(
    gitlab: GitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitlab_api, "SECONDS", 0.05)
    gitlab.faults = [Fault(times=9, seconds=0.3)]
    assert "cannot be reached: " in refusal(connect(gitlab.environ()))


def test_an_unreachable_gitlab_is_told_with_its_host(gitlab: GitLab) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
        environ = gitlab.environ() | {"CI_SERVER_URL": f"http://user:secret@{host}/gitlab"}
        message = refusal(connect(environ))
    assert f"{host} cannot be reached: Connection refused" in message
    assert f"curl http://{host}/gitlab/api/v4/version" in message
    assert "secret" not in message


def test_a_host_name_that_does_not_resolve_is_told(gitlab: GitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    environ = gitlab.environ() | {"CI_SERVER_URL": "http://git.protobox/gitlab"}
    assert "git.protobox cannot be reached: Name or service not known" in refusal(connect(environ))


def test_a_connection_that_breaks_off_is_tried_again(gitlab: GitLab) -> None:
    gitlab.faults = [Fault("GET", drops=True, times=2)]
    assert ask(connect(gitlab.environ())) == BOT.id


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("text/html; charset=utf-8", "<html>Sign in</html>"),
        ("application/json", "<html>Sign in</html>"),
        ("application/json", '["a list"]'),
    ],
)
def test_a_proxys_page_in_place_of_an_answer_is_told(gitlab: GitLab, content: str, body: str) -> None:
    gitlab.faults = [Fault(status=200, body=body, headers={"Content-Type": content})]
    message = refusal(connect(gitlab.environ()))
    assert "GitLab's answer is not readable" in message
    assert "proxy" in message
    assert "Sign in" not in message


def test_a_list_that_is_none_is_told(gitlab: GitLab) -> None:
    gitlab.faults = [Fault(status=200, body='{"message": "a login is needed"}')]
    connection = connect(gitlab.environ())
    with pytest.raises(GitLabError, match="not readable"), asking(connection, "notes", "why"):
        list(connection.http_list(NOTES, get_all=True))


def test_a_url_without_the_sub_path_is_told(gitlab: GitLab) -> None:
    environ = gitlab.environ() | {"CI_SERVER_URL": gitlab.url.removesuffix("/gitlab")}
    message = refusal(connect(environ))
    assert "404: an HTML page" in message


def test_the_token_does_not_follow_to_another_server(gitlab: GitLab) -> None:
    with serving(GitLab()) as other:
        gitlab.faults = [
            Fault(status=302, headers={"Location": f"{other.url}/api/v4/user?private_token={TOKEN}"})
        ]
        message = refusal(connect(gitlab.environ()))
        assert not other.requests
    assert f"sends on to {other.url}/api/v4/user;" in message


REFUSALS = [
    (
        401,
        '{"message": "401 Unauthorized"}',
        "refuses it (401: 401 Unauthorized)",
        "CI_JOB_TOKEN does not do",
    ),
    (401, '{"error": "invalid_token", "error_description": "Token is expired."}', "invalid_token", "make a"),
    (403, '{"error": "insufficient_scope", "scope": "api"}', "insufficient_scope", "the scope api"),
    (403, '{"message": "403 Forbidden"}', "refuses it (403: 403 Forbidden)", "the role Reporter"),
    (404, '{"message": "404 Project Not Found"}', "404 Project Not Found", "token of this very project"),
    (422, '{"message": {"base": ["is wrong"]}}', "{'base': ['is wrong']}", "mend what GitLab names"),
    (400, f'{{"message": "who sends {TOKEN}?"}}', "who sends [token]?", "mend what GitLab names"),
    (418, "<html>" + "x" * 9000, "an HTML page", "mend what GitLab names"),
    (400, json.dumps({"message": "x" * 9000}), "xxx)", "mend what GitLab names"),
]


@pytest.mark.parametrize(("status", "body", "what", "fix"), REFUSALS)
def test_a_refusal_is_told_with_gitlabs_words_and_a_fix(
    gitlab: GitLab, status: int, body: str, what: str, fix: str
) -> None:
    gitlab.faults = [Fault(status=status, body=body)]
    message = refusal(connect(gitlab.environ()))
    assert message.startswith(f"merge request !7 (GitLab at {gitlab.url})")
    assert what in message
    assert "why: a reviewer waits for it" in message
    assert fix in message
    assert len(message) < 1000
    assert gitlab.count("GET") == 1


def bodies(gitlab: GitLab) -> list[str]:
    """Return the texts of all notes, as they are listed."""
    connection = connect(gitlab.environ())
    found = connection.http_list(NOTES, get_all=True, order_by="created_at", sort="asc")
    return [note["body"] for note in found]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 350])
def test_every_page_of_a_list_is_read(gitlab: GitLab, count: int) -> None:
    for at in range(count):
        gitlab.add_note(f"note {at}")
    assert bodies(gitlab) == [f"note {at}" for at in range(count)]


def test_pages_are_read_behind_a_proxy_that_has_another_url(gitlab: GitLab) -> None:
    gitlab.external_url = "https://gitlab.example.com/elsewhere"
    for at in range(250):
        gitlab.add_note(f"note {at}")
    assert len(bodies(gitlab)) == 250


def test_pages_are_read_though_the_totals_are_missing(gitlab: GitLab) -> None:
    gitlab.project.counts = False
    for at in range(250):
        gitlab.add_note(f"note {at}")
    assert len(bodies(gitlab)) == 250


def test_a_page_without_a_readable_note_is_not_the_last(gitlab: GitLab) -> None:
    for _ in range(100):
        gitlab.add_note("a cross-reference", hidden=True)
    gitlab.add_note("the last")
    assert bodies(gitlab) == ["the last"]


def test_gitlab_lets_a_job_token_read_notes_but_not_write_them(gitlab: GitLab) -> None:
    gitlab.add_note("there")
    job = python_gitlab.Gitlab(gitlab.url, job_token=JOB_TOKEN, keep_base_url=True)
    notes = job.projects.get(5, lazy=True).mergerequests.get(7, lazy=True).notes
    assert [note.body for note in notes.list(get_all=True)] == ["there"]
    with pytest.raises(python_gitlab.GitlabAuthenticationError):
        notes.create({"body": "new"})


def test_a_token_of_another_project_sees_nothing(gitlab: GitLab) -> None:
    gitlab.tokens[TOKEN] = Token(User(77, "project_6_bot_0", Role.NONE))
    connection = connect(gitlab.environ())
    with pytest.raises(GitLabError) as raised, asking(connection, "the notes", "why"):
        list(connection.http_list(NOTES, get_all=True))
    assert "is a token of this very project" in " ".join(str(raised.value).split())
