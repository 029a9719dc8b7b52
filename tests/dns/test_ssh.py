"""The command that reads another machine's hosts file, and the reading of what it prints."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.ssh import remote_file, ssh_arguments, ssh_command
from components.dns.ssh_errors import explain
from components.settings import SettingsError, SshSettings
from tests.dns.printed import printed

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
    (line,) = (line for line in ssh_command(settings).split("\n") if line.startswith("{ $limit ssh "))
    assert shlex.join(ssh_arguments(settings)) in line


@given(st.binary(max_size=200))
def test_any_content_is_read_back(content: bytes) -> None:
    assert remote_file(PLAIN, printed(content)) == ("supervisor-1", content)


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(bytes.hex)))
def test_whatever_is_printed_is_a_file_or_a_message(text: str) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        remote_file(PLAIN, text)


@pytest.mark.parametrize(
    ("code", "said", "key"),
    [
        (255, "ssh: Could not resolve hostname a: Name or service not known", ".host"),
        (255, "ssh: connect to host a port 22: Connection refused", ".host"),
        (255, "ssh: connect to host a port 22: No route to host", ".host"),
        (255, "ssh: connect to host a port 22: Operation timed out", ".host"),
        (255, "Connection timed out during banner exchange", ".host"),
        (255, "Timeout, server a not responding.", ".host"),
        (
            255,
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            ".knownHosts",
        ),
        (255, "No ED25519 host key is known for a and you have requested strict checking.", ".knownHosts"),
        (255, "WARNING: UNPROTECTED PRIVATE KEY FILE!\na: Permission denied (publickey).", ".key"),
        (255, 'Load key "k": error in libcrypto\na: Permission denied (publickey).', ".key"),
        (255, "a: Permission denied (publickey,password).", ""),
        (255, "Received disconnect from a port 22:2: Too many authentication failures", ""),
        (255, "something new", ""),
        (103, "", ".file"),
        (104, "", ".file"),
        (105, "", ".file"),
        (124, "", ".host"),
        (127, "sh: not found", ""),
        (-1, "", ""),
    ],
)
def test_each_failure_names_its_key_and_says_what_to_do(code: int, said: str, key: str) -> None:
    problem = explain(PLAIN, code, said)
    assert problem.where == f"protobox-cd:dns.hosts.ssh{key}"
    assert problem.what
    assert problem.why
    assert problem.fix


def test_a_message_with_braces_is_told_as_it_is() -> None:
    assert "{odd}" in explain(PLAIN, 1, "{odd} {0}").what


def test_the_advice_has_the_port_the_user_and_the_key() -> None:
    settings = SshSettings.model_validate({"host": "a", "user": "bob", "port": 2222, "key": "my key"})
    assert "`ssh -p 2222 -i 'my key' bob@a`" in explain(settings, 255, "Permission denied").fix
    assert (
        "ssh-keyscan -p 2222 a >> ~/.ssh/known_hosts"
        in explain(settings, 255, "Host key verification failed.").fix
    )
