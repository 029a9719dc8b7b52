"""Argo CD's own words, and the cause and the fix that they are told with."""

from __future__ import annotations

import pytest

from components.projects.causes import cause_of, in_short, is_passing

FRONT = "Failed to load target state: failed to generate manifest for source 1 of 1: "
RPC = "rpc error: code = Unknown desc = "
REPOSITORY = "http://git.protobox/gitlab/protobox1/docserver.git"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            (
                f'{FRONT}{RPC}failed to list refs: Get "{REPOSITORY}": dial tcp: lookup git.protobox on '
                "169.254.25.10:53: no such host"
            ),
            "the host's name is not found where Argo CD asks for it",
        ),
        (f"{FRONT}{RPC}failed to list refs: dial tcp 192.168.1.7:80: connect: connection refused", "answer"),
        (f"{FRONT}{RPC}failed to list refs: authentication required: HTTP Basic: Access denied", "refuses"),
        (f"{FRONT}{RPC}failed to list refs: unexpected client error: 403 Forbidden", "refuses"),
        (f"{FRONT}{RPC}unable to resolve 'nowhere' to a commit SHA", "no such branch, tag or commit"),
        (f"{FRONT}{RPC}factory/CD/none: app path does not exist", "no such path"),
        (f"{FRONT}{RPC}failed to list refs: repository not found", "no such repository"),
        (f"application repo {REPOSITORY} is not permitted in project 'shop'", "AppProject forbids"),
        (
            (
                "application destination server 'https://10.0.0.5' and namespace 'docs' do not match"
                " any of the allowed destinations in project 'shop'"
            ),
            "AppProject forbids",
        ),
        ("there are no clusters with this name: edge", "knows no such cluster"),
        ("something that nobody has seen before", "Argo CD says so"),
    ],
)
def test_each_error_is_told_with_its_probable_cause(said: str, cause: str) -> None:
    assert cause in cause_of(said).what
    assert cause_of(said).fix


def test_digits_in_a_commit_are_no_status_of_http() -> None:
    assert cause_of(f"{FRONT}{RPC}revision 3b401ff4040 is odd").what == "Argo CD says so"


def test_what_only_says_which_step_has_met_it_is_left_out() -> None:
    assert in_short(f"{FRONT}{RPC}a: app path\n does not exist") == "a: app path does not exist"


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        (
            "rpc error: code = Unavailable desc = dial tcp 10.233.1.1:8081: connect: refused",
            True,
        ),
        ("server.secretkey is missing", True),
        (f"{FRONT}{RPC}dial tcp 192.168.1.7:80: connect: connection refused", False),
    ],
)
def test_an_argo_cd_that_is_still_starting_is_no_mistake_of_the_stack(said: str, passes: bool) -> None:
    assert is_passing(said) is passes
