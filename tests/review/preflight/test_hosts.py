from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Any

import pytest

from components.projects.declared import declared_applications
from review.preflight.hosts import Door, doors, host_checks
from review.preflight.looking import look_at
from review.preflight.rows import Mark, Row
from tests.review.preflight import servers
from tests.site import settings

HERE = "127.0.0.1"
OTHERS_WORRY = "Argo CD must reach it, not this machine"


def applications(*urls: str) -> list[Any]:
    projects = {f"p{number}": {"repository": url} for number, url in enumerate(urls)}
    public = {"strategy": "none"}
    return declared_applications(settings(projects=projects, dns=public))


def row(url: str, seconds: float = 2, addresses: Sequence[str] = (HERE,), purpose: str = "up") -> Row:
    (found,) = look_at(host_checks(applications(url), purpose, seconds, lambda _host, _port: addresses))
    return found


def test_every_host_and_port_once() -> None:
    found = doors(
        applications(
            "http://git.protobox/gitlab/a/b.git",
            "http://git.protobox/gitlab/a/c.git",
            "https://git.protobox/a/b.git",
            "http://git.protobox:8080/a/b.git",
            "git@git.protobox:a/b.git",
            "ssh://git@git.protobox:2222/a/b.git",
        )
    )
    assert found == [
        Door("git.protobox", 80, "http"),
        Door("git.protobox", 443, "https"),
        Door("git.protobox", 8080, "http"),
        Door("git.protobox", 22, "ssh"),
        Door("git.protobox", 2222, "ssh"),
    ]


def test_a_web_server_that_answers_whatever_it_answers() -> None:
    with servers.pages({}) as port:
        assert row(f"http://git.protobox:{port}/a/b.git").mark is Mark.OK


def test_a_host_with_several_addresses_answers_at_one_of_them() -> None:
    with servers.pages({}) as port:
        found = row(f"http://git.protobox:{port}/a.git", addresses=["127.0.0.2", HERE])
    assert found.mark is Mark.OK
    assert "git.protobox (127.0.0.2, 127.0.0.1)" in found.seen


def test_an_ssh_server_speaks_first() -> None:
    with servers.saying(b"SSH-2.0-OpenSSH_9.2\r\n") as port:
        assert row(f"ssh://git@git.protobox:{port}/a/b.git").mark is Mark.OK


def test_a_server_of_another_protocol_is_an_error() -> None:
    with servers.saying(b"SSH-2.0-OpenSSH_9.2\r\n") as port:
        found = row(f"https://git.protobox:{port}/a/b.git")
    assert found.mark is Mark.FAILED
    assert f"does not speak https at port {port}" in found.seen


def test_a_port_where_nobody_listens_is_an_error() -> None:
    found = row("http://git.protobox:1/a/b.git")
    assert found.mark is Mark.FAILED
    assert "refuses connections at port 1" in found.seen
    assert found.fix


def test_no_server_keeps_a_preview_away() -> None:
    found = row("http://git.protobox:1/a/b.git", purpose="preview")
    assert found.mark is Mark.WARNING
    assert "refuses connections at port 1" in found.seen


@pytest.mark.parametrize(
    "url",
    ["http://git.protobox:{}/a.git", "https://git.protobox:{}/a.git", "ssh://git@git.protobox:{}/a.git"],
)
def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(url: str) -> None:
    start = time.monotonic()
    with servers.silent() as port:
        found = row(url.format(port), seconds=1)
    assert time.monotonic() - start < 1
    assert found.mark is Mark.WARNING  # it may only be busy
    assert "did not answer within 0.25 s" in found.seen


def test_a_name_that_does_not_resolve_here_is_no_error() -> None:
    def fails(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    (found,) = look_at(host_checks(applications("http://git.protobox/a.git"), "up", 1, fails))
    assert found.mark is Mark.WARNING
    assert "does not resolve here (Name or service not known)" in found.seen
    assert OTHERS_WORRY in found.seen


def test_a_resolver_that_hangs_is_given_up_and_no_error_either() -> None:
    def hangs(host: str, port: int) -> list[str]:
        time.sleep(60)
        return []

    start = time.monotonic()
    (found,) = look_at(host_checks(applications("http://git.protobox/a.git"), "up", 0.2, hangs))
    assert time.monotonic() - start < 2
    assert found.mark is Mark.WARNING
    assert "did not resolve here within 0.2 s" in found.seen


def test_an_address_behind_a_firewall_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_answers(*_args: object, **_options: object) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", nobody_answers)
    found = row("http://git.protobox/a.git")
    assert found.mark is Mark.WARNING
    assert "cannot be reached from here at port 80 (not within 0.5 s)" in found.seen
    assert OTHERS_WORRY in found.seen


def test_an_oci_registry_is_reached_over_https() -> None:
    source = {"repository": "registry.protobox/charts", "chart": "shop", "revision": "1.0.0"}
    found = declared_applications(settings(projects={"shop": source}, dns={"strategy": "none"}))
    assert doors(found) == [Door("registry.protobox", 443, "oci")]
