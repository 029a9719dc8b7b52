from __future__ import annotations

import socket
from typing import Any

import pytest

from review.preflight.hosts import host_checks
from review.preflight.rows import look_at
from tests.review.preflight import servers
from tests.site import settings
from tools.command_line import Mark, Row

OTHERS_WORRY = "Argo CD must reach it, not this machine"


def applications(*urls: str) -> list[Any]:
    projects = {f"p{number}": {"repository": url} for number, url in enumerate(urls)}
    return settings(projects=projects, dns={"strategy": "none"}).applications


def names(found: list[Any]) -> list[str]:
    return [check.what for check in host_checks(found, "up", 1)]


def row(url: str, seconds: float = 2, purpose: str = "up") -> Row:
    (found,) = look_at([*host_checks(applications(url), purpose, seconds)], 5)
    return found


def test_every_host_and_port_once() -> None:
    urls = (
        "http://git.protobox/gitlab/a/b.git",
        "http://git.protobox/gitlab/a/c.git",
        "https://git.protobox/a/b.git",
        "http://git.protobox:8080/a/b.git",
        "git@git.protobox:a/b.git",
        "ssh://git@git.protobox:2222/a/b.git",
    )
    assert names(applications(*urls)) == [f"host git.protobox:{port}" for port in (80, 443, 8080, 22, 2222)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"repoURL": "registry.protobox/charts", "chart": "a"}, ["host registry.protobox:443"]),
        ({"repoURL": "registry.protobox:5000/charts", "chart": "a"}, ["host registry.protobox:5000"]),
        ({"repoURL": "registry[x/charts", "chart": "a"}, []),
        ({"repoURL": "registry.protobox:99999/charts", "chart": "a"}, []),
        ({"repoURL": "http://[fd00::7/a.git"}, []),
        ({"repoURL": "file://git.protobox/a.git"}, []),
    ],
)
def test_a_registry_is_reached_at_its_port_and_an_address_that_is_none_is_no_crash(
    source: dict[str, Any], expected: list[str]
) -> None:
    found = settings(projects={"a": {"spec": {"source": source}}}).applications
    assert names(found) == expected


def test_a_server_that_takes_connections() -> None:
    with servers.silent() as port:
        assert row(f"http://127.0.0.1:{port}/a/b.git").mark is Mark.OK


@pytest.mark.parametrize(("purpose", "mark"), [("up", Mark.FAILED), ("preview", Mark.WARNING)])
def test_a_port_where_nobody_listens_stops_an_up_and_no_preview(purpose: str, mark: Mark) -> None:
    found = row("http://127.0.0.1:1/a/b.git", purpose=purpose)
    assert (found.mark, found.seen) == (mark, "it refuses connections")
    assert found.fix


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "does not resolve here (Name or"),
        (TimeoutError(), "it cannot be reached from here (it does not answer)"),
        (OSError(101, "Network is unreachable"), "Network is unreachable"),
        (UnicodeError("label too long"), "label too long"),
    ],
)
def test_what_this_machine_does_not_reach_is_only_a_warning(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", fails)
    found = row("http://git.protobox/a.git")
    assert found.mark is Mark.WARNING
    assert told in found.seen
    assert OTHERS_WORRY in found.seen
