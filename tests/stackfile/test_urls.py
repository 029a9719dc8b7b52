"""Repository URLs in all forms that Git knows."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from components.stackfile.addresses import is_ip
from components.stackfile.base import reasons
from components.stackfile.urls import (
    lacks_dot_git,
    repository_host,
    require_repository_url,
    with_host_name,
)

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


NAMES = st.from_regex(r"[a-z][a-z0-9.-]{0,8}[a-z]", fullmatch=True)
PATHS = st.from_regex(r"[a-z0-9]{1,6}(/[a-z0-9]{1,5}){1,2}", fullmatch=True)


@pytest.mark.skipif(not shutil.which("git"), reason="git is not on PATH, so that it cannot be asked")
@hypothesis_settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@example("git.protobox", "2222/a/b.git")
@given(NAMES, PATHS)
def test_a_port_in_the_short_form_is_a_path_to_git_and_the_fix_is_none(host: str, path: str) -> None:
    short = f"git@{host}:{path}"
    assert asked_by_git(short) == (host, "", path)
    try:
        require_repository_url(short)
    except PydanticCustomError as error:
        better = reasons(error)[2].removeprefix("write ")
        port, _, below = path.partition("/")
        assert asked_by_git(better) == (host, port, f"/{below}")
    else:
        first = path.partition("/")[0]
        assert not first.isdecimal() or not 0 < int(first) < 65536


def asked_by_git(url: str) -> tuple[str, str, str]:
    """Return host, port and path that git asks SSH for."""
    said = "echo $* >&2; exit 1 #"
    environment = {**os.environ, "GIT_SSH_COMMAND": said, "GIT_SSH_VARIANT": "ssh"}
    done = subprocess.run(
        ["git", "ls-remote", url], capture_output=True, text=True, env=environment, check=False
    )
    words = done.stderr.splitlines()[0].split()
    port = words[words.index("-p") + 1] if "-p" in words else ""
    host = next(word for word in words if "@" in word).partition("@")[2]
    return host, port, words[-1].strip("'")
