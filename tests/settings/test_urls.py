"""Repository URLs in all forms that Git knows."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.settings.urls import is_ip, lacks_dot_git, repository_host, with_host_name

HOSTS = {"192.168.1.7": "git.protobox", "fd00::7": "git.protobox"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://git.protobox/gitlab/protobox1/docserver.git", "git.protobox"),
        ("https://GIT.protobox:8443/a.git", "git.protobox"),
        ("ssh://git@git.protobox:2222/a/b.git", "git.protobox"),
        ("git@git.protobox:a/b.git", "git.protobox"),
        ("http://192.168.1.7/gitlab/a.git", "192.168.1.7"),
        ("http://[fd00::7]/a.git", "fd00::7"),
        ("a/b.git", ""),
        ("http://[fd00::7/a.git", ""),
    ],
)
def test_the_host_is_found_in_every_form(url: str, host: str) -> None:
    assert repository_host(url) == host


def test_addresses_are_told_from_names() -> None:
    assert [is_ip(host) for host in ("192.168.1.7", "fd00::7", "git.protobox", "1.2.3")] == [
        True,
        True,
        False,
        False,
    ]


@given(st.text(max_size=30))
def test_any_text_has_a_host_or_none_never_a_crash(text: str) -> None:
    assert " " not in repository_host(text) or " " in text


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://192.168.1.7/gitlab/a.git", "http://git.protobox/gitlab/a.git"),
        ("http://192.168.1.7:8080/192.168.1.7.git", "http://git.protobox:8080/192.168.1.7.git"),
        ("http://192.168.1.7/gitlab/team@home/a.git", "http://git.protobox/gitlab/team@home/a.git"),
        ("ssh://git@192.168.1.7:2222/a.git", "ssh://git@git.protobox:2222/a.git"),
        ("git@192.168.1.7:a/b.git", "git@git.protobox:a/b.git"),
        ("http://[fd00::7]/a.git", "http://git.protobox/a.git"),
        ("http://[FD00:0::7]:8080/a.git", "http://git.protobox:8080/a.git"),
        ("http://192.168.1.70/a.git", "http://192.168.1.70/a.git"),
        ("http://other/192.168.1.7/a.git", "http://other/192.168.1.7/a.git"),
    ],
)
def test_an_address_becomes_a_name_and_everything_else_stays(url: str, named: str) -> None:
    assert with_host_name(url, HOSTS) == named


@example(before="", host="[fd00::7]", after=":]")
@given(
    before=st.text("ab:/@?#[.", max_size=6),
    host=st.sampled_from(["192.168.1.7", "[fd00::7]", "fd00::7"]),
    after=st.text("ab:/@?#].7", max_size=8),
)
def test_any_text_is_rewritten_in_its_host_or_left_alone(before: str, host: str, after: str) -> None:
    for url in (before + host + after, f"http://{before}{host}{after}"):
        named = with_host_name(url, HOSTS)
        assert named == url or repository_host(named) == "git.protobox"


@pytest.mark.parametrize(
    ("url", "lacking"),
    [
        ("http://git.protobox/a", True),
        ("http://git.protobox/a/", True),
        ("http://192.168.1.7/a", True),
        ("https://gitlab.com/a/b", True),
        ("http://git.protobox/a.git", False),
        ("http://git.protobox/a.git/", False),
        ("ssh://git@git.protobox/a", False),
        ("https://github.com/a/b", False),
    ],
)
def test_a_gitlab_is_asked_for_names_that_end_in_dot_git(url: str, lacking: bool) -> None:
    assert lacks_dot_git(url, {"git.protobox", "192.168.1.7"}) is lacking
