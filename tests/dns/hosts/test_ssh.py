"""The command that reads another machine's hosts file, and the reading of what it prints."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
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
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "2",
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


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("ssh: Could not resolve hostname a: Name or service not known", ".host"),
        ("ssh: connect to host a port 22: Connection refused", ".host"),
        ("ssh: connect to host a port 22: No route to host", ".host"),
        ("ssh: connect to host a port 22: Operation timed out", ".host"),
        ("Connection timed out during banner exchange", ".host"),
        ("Timeout, server a not responding.", ".host"),
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            ".knownHosts",
        ),
        ("No ED25519 host key is known for a and you have requested strict checking.", ".knownHosts"),
        ("WARNING: UNPROTECTED PRIVATE KEY FILE!\na: Permission denied (publickey).", ".key"),
        ('Load key "k": error in libcrypto\na: Permission denied (publickey).', ""),
        ("a: Permission denied (publickey,password).", ""),
        ("Received disconnect from a port 22:2: Too many authentication failures", ""),
        ("something new", ""),
        ("head: cannot open '/etc/hosts' for reading: Permission denied", ".file"),
    ],
)
def test_each_failure_names_its_key_and_says_what_to_do(printed: str, key: str) -> None:
    problem = explain(PLAIN, printed)
    assert problem.where == f"protobox-cd:dns.hosts.ssh{key}"
    assert problem.what
    assert problem.why
    assert problem.fix


def test_a_message_with_braces_is_told_as_it_is() -> None:
    assert "{odd}" in explain(PLAIN, "{odd} {0}").what


def test_the_advice_has_the_port_the_user_and_the_key() -> None:
    settings = SshSettings.model_validate({"host": "a", "user": "bob", "port": 2222, "key": "my key"})
    assert "`ssh -p 2222 -i 'my key' bob@a`" in explain(settings, "Permission denied (publickey).").fix
    assert (
        "ssh-keyscan -p 2222 a >> ~/.ssh/known_hosts"
        in explain(settings, "Host key verification failed.").fix
    )
