"""Repository URLs in all forms that Git knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.urls import is_ip, repository_host


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
