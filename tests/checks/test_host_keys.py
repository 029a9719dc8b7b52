"""A host key is for a host and a port together."""

from __future__ import annotations

import pytest

from components.checks.access_sections import host_key_problems
from tests.site import SITE, settings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJvYg=="


def fixes(base_url: str, *known: str) -> list[str]:
    read = settings(git={**SITE["git"], "baseUrl": base_url}, argocd={"sshKnownHosts": list(known)})
    return [problem.fix for problem in host_key_problems(read, read.applications)]


@pytest.mark.parametrize(
    ("base_url", "known"),
    [
        ("ssh://git@git.protobox:2222", f"[git.protobox]:2222 {KEY}"),
        ("ssh://git@git.protobox", f"git.protobox,192.168.1.7 {KEY}"),
        ("ssh://git@git.protobox:22", f"*.protobox {KEY}"),
        ("git@git.protobox:gitlab", f"@cert-authority git.protobox {KEY}"),
        ("ssh://git@git.protobox:2222", f"|1|aaa=|bbb= {KEY}"),
        ("ssh://git@git.protobox:2222", f"other.protobox {KEY}"),
        ("http://git.protobox:8080", f"git.protobox {KEY}"),
    ],
)
def test_a_key_that_fits_or_is_for_somebody_else_is_fine(base_url: str, known: str) -> None:
    assert fixes(base_url, known) == []


@pytest.mark.parametrize(
    ("base_url", "known", "fix"),
    [
        ("ssh://git@git.protobox:2222", f"git.protobox {KEY}", f'write "[git.protobox]:2222 {KEY}"'),
        ("ssh://git@git.protobox", f"[git.protobox]:2222 {KEY}", f'write "git.protobox {KEY}"'),
        ("git@git.protobox:gitlab", f"[git.protobox]:2222 {KEY}", f'write "git.protobox {KEY}"'),
        (
            "ssh://git@git.protobox:2222",
            f"@cert-authority git.protobox {KEY}",
            f'write "@cert-authority [git.protobox]:2222 {KEY}"',
        ),
    ],
)
def test_a_key_for_another_port_is_told_with_the_line_that_fits(base_url: str, known: str, fix: str) -> None:
    assert fixes(base_url, known) == [fix]


def test_a_key_that_is_revoked_makes_no_server_known() -> None:
    known = f"git.protobox {KEY}", f"@revoked [git.protobox]:2222 {KEY}"
    assert fixes("ssh://git@git.protobox:2222", *known) == [f'write "[git.protobox]:2222 {KEY}"']
    assert fixes("ssh://git@git.protobox:2222", known[1]) == []
