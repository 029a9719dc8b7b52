"""A hosts file read with the real ssh from a real SSH server, and every way in which that fails."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.dns.hosts import ssh
from components.dns.hosts.hosts_sources import read_sources
from components.dns.hosts.section import HostsSettings, SshSettings
from components.dns.hosts.ssh import read_over_ssh
from components.stackfile.problems import Problem, SettingsError
from lab.endpoints import free_port
from tests.dns.ssh_server import ADDRESS, SshServer, make_key, ssh_server

pytestmark = [pytest.mark.real, pytest.mark.skipif(not shutil.which("ssh"), reason="no ssh is installed")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def problem(settings: SshSettings) -> Problem:
    with pytest.raises(SettingsError) as caught:
        read_sources(HostsSettings(ssh=settings), [], read_over_ssh)
    (only,) = caught.value.problems
    assert only.why
    assert only.fix
    return only


@pytest.mark.parametrize(
    "content", [b"192.168.1.7\tgit.protobox\r\n\r\n# caf\xe9\n", b"no line break", b"", b"\n\n", b"\0\n\x85"]
)
def test_the_file_arrives_byte_for_byte_with_the_name_of_its_machine(
    server: SshServer, tmp_path: Path, content: bytes
) -> None:
    hosts = tmp_path / 'it\'s a "hosts" file'
    hosts.write_bytes(content)
    assert read_over_ssh(server.settings(file=str(hosts))) == (os.uname().nodename, content)


def test_files_of_keys_may_have_any_name(server: SshServer, tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s 100%h "odd" \\ here'
    folder.mkdir()
    key, known_hosts = folder / "key", folder / "known hosts"
    shutil.copy(server.key, key)
    shutil.copy(server.known_hosts, known_hosts)
    assert read_over_ssh(server.settings(key=str(key), knownHosts=str(known_hosts)))[1]


def test_what_a_log_in_script_prints_is_not_taken_for_the_file(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_bytes(b"192.168.1.7 git.protobox\n")
    greeting = 'echo 10.0.0.1 hello; echo Bienvenue >&2; sh -c "$SSH_ORIGINAL_COMMAND"'
    with ssh_server(tmp_path, f"ForceCommand {greeting}") as server:
        assert read_over_ssh(server.settings(file=str(hosts)))[1] == b"192.168.1.7 git.protobox\n"


def test_nobody_listens() -> None:
    settings = SshSettings(host=ADDRESS, port=free_port())
    told = problem(settings)
    assert told.where == "protobox-cd:dns.hosts.ssh"
    assert told.what.endswith(f"connect to host {ADDRESS} port {settings.port}: Connection refused")


def test_a_name_that_nobody_knows() -> None:
    told = problem(SshSettings(host="nobody.invalid"))
    assert "Could not resolve hostname nobody.invalid" in told.what
    assert "ssh -- nobody.invalid 'head -- /etc/hosts'" in told.fix


def test_a_key_that_is_refused(server: SshServer, tmp_path: Path) -> None:
    told = problem(server.settings(key=str(make_key(tmp_path / "other"))))
    assert "Permission denied (publickey)" in told.what


def test_a_key_that_is_none(server: SshServer, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("no key", encoding="utf-8")
    key.chmod(0o600)
    told = problem(server.settings(key=str(key)))
    assert "Load key" in told.what


def test_a_key_that_others_may_read(server: SshServer, tmp_path: Path) -> None:
    key = Path(shutil.copy(server.key, tmp_path))
    key.chmod(0o644)
    told = problem(server.settings(key=str(key)))
    assert f'Load key "{key}": bad permissions' in told.what


def test_a_host_key_that_is_not_known(server: SshServer, tmp_path: Path) -> None:
    empty = tmp_path / "known_hosts"
    empty.touch()
    told = problem(server.settings(knownHosts=str(empty)))
    assert "Host key verification failed" in told.what
    assert f'UserKnownHostsFile="{empty}"' in told.fix


def test_a_host_key_that_has_changed(server: SshServer, tmp_path: Path) -> None:
    other = SshServer(tmp_path, server.port)
    told = problem(server.settings(knownHosts=str(other.known_hosts)))
    assert "has changed and you have requested strict checking" in told.what


def test_a_machine_that_accepts_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 1)
    with socket.create_server((ADDRESS, 0)) as silent:
        told = problem(SshSettings(host=ADDRESS, port=silent.getsockname()[1]))
    assert "timed out" in told.what


def test_a_log_in_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "TOTAL_SECONDS", 2)
    with ssh_server(tmp_path, "ForceCommand sleep 6") as server:
        told = problem(server.settings())
    assert "nothing comes for 2 seconds" in told.what


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("/nowhere/hosts", "No such file or directory"),
        ("/etc", "Is a directory"),
        ("/dev/zero", "is longer than 1024 KiB"),
        ("/proc/self/mem", "Input/output error"),
        ("/etc/passwd", f"{ADDRESS}:/etc/passwd has no line with an IP address and a name"),
    ],
)
def test_a_file_that_is_none(server: SshServer, file: str, what: str) -> None:
    assert what in problem(server.settings(file=file)).what


@pytest.mark.parametrize(("size", "fits"), [(1 << 20, True), ((1 << 20) + 1, False), (10 << 20, False)])
def test_a_file_of_more_than_a_mebibyte(server: SshServer, tmp_path: Path, size: int, fits: bool) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_bytes(b"10.0.0.1 a\n".ljust(size, b"#"))
    settings = server.settings(file=str(hosts))
    if fits:
        assert read_over_ssh(settings)[1] == hosts.read_bytes()
    else:
        assert problem(settings).what.endswith("is longer than 1024 KiB")


def test_a_machine_that_allows_other_commands_only(tmp_path: Path) -> None:
    with ssh_server(tmp_path, "ForceCommand echo only backups here") as server:
        told = problem(server.settings())
    assert told.what.endswith("cannot be read: only backups here")
    assert "{192.168.1.7: [git.protobox]}" in told.fix


def test_no_ssh_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no command `ssh`" in problem(SshSettings(host="supervisor-1")).what


@pytest.mark.parametrize("name", ["key", "knownHosts"])
def test_files_of_keys_that_are_not_there(name: str, tmp_path: Path) -> None:
    absent: dict[str, Any] = {name: str(tmp_path / "absent")}
    told = problem(SshSettings.model_validate({"host": "supervisor-1", **absent}))
    assert told.where == f"protobox-cd:dns.hosts.ssh.{name}"
