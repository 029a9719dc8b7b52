"""The command that reads another machine's hosts file, and the reading of what it prints."""

from __future__ import annotations

import shlex
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from components.dns.hosts.section import SshSettings
from components.dns.hosts.ssh import explain, ssh_arguments

PLAIN = SshSettings(host="supervisor-1")


def options(settings: SshSettings) -> dict[str, str]:
    words = ssh_arguments(settings)
    return dict(words[n + 1].split("=", 1) for n, word in enumerate(words) if word == "-o")


def test_ssh_never_asks_and_never_trusts_a_machine_that_it_does_not_know() -> None:
    assert options(PLAIN) == {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "ConnectTimeout": "10",
        "LogLevel": "ERROR",
    }


def test_what_the_stack_file_does_not_say_is_left_to_the_users_configuration() -> None:
    words = ssh_arguments(PLAIN)
    assert words[:2] == ["ssh", "-T"]
    assert words[-3:-1] == ["--", "supervisor-1"]
    assert not {"-p", "-l", "-i"} & set(words)


def test_what_the_stack_file_says_is_on_the_command_line() -> None:
    settings = SshSettings.model_validate(
        {"host": "fd00::7", "user": "bob", "port": 2222, "key": "my keys/id", "knownHosts": '100%/"known"'}
    )
    words = ssh_arguments(settings)
    assert words[-7:-1] == ["-p", "2222", "-l", "bob", "--", "fd00::7"]
    assert options(settings)["IdentitiesOnly"] == "yes"
    assert options(settings)["IdentityFile"] == f'"{Path.cwd()}/my keys/id"'
    assert options(settings)["UserKnownHostsFile"] == f'"{Path.cwd()}/100%%/\\"known\\""'


def test_a_home_folder_may_be_meant() -> None:
    settings = SshSettings(host="a", key="~/.ssh/id")
    assert options(settings)["IdentityFile"] == f'"{Path.home()}/.ssh/id"'


@given(st.text(alphabet=st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), min_size=1))
def test_any_file_name_arrives_as_one_word(file: str) -> None:
    settings = SshSettings(host="a", file=file)
    remote = ssh_arguments(settings)[-1]
    assert shlex.split(remote)[-1] == file


def test_a_failure_is_told_in_sshs_last_words_with_the_command_that_has_to_work() -> None:
    keys = {"host": "a", "user": "bob", "port": 2222, "knownHosts": "known hosts", "file": "/etc/the hosts"}
    printed = "@@@ {0} @@@\r\nLoad key: error in libcrypto\n\nbob@a: Permission denied (publickey).\n"
    problem = explain(SshSettings.model_validate(keys), printed)
    assert problem.where == "protobox-cd:dns.hosts.ssh"
    assert problem.what.endswith("Load key: error in libcrypto / bob@a: Permission denied (publickey).")
    command = shlex.split(problem.fix.splitlines()[0].partition("question: ")[2])
    assert command[1:] == [
        *("-o", f'UserKnownHostsFile="{Path.cwd()}/known hosts"', "-p", "2222", "-l", "bob"),
        *("--", "a", "head -- '/etc/the hosts'"),
    ]
    assert "{192.168.1.7: [git.protobox]}" in problem.fix
