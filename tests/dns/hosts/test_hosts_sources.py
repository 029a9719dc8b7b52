"""Hosts files on this machine that can, and that cannot, be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from components.dns.hosts.entries import HostEntry
from components.dns.hosts.hosts_sources import read_sources
from components.dns.hosts.section import HostsSettings, SshSettings
from components.stackfile.problems import Problem, SettingsError


def no_machine(settings: SshSettings) -> tuple[str, bytes]:
    raise AssertionError(f"no file of another machine is asked for: {settings}")


def problem(file: Path | str) -> Problem:
    with pytest.raises(SettingsError) as caught:
        read_sources(HostsSettings(file=str(file)), [], no_machine)
    (only,) = caught.value.problems
    assert only.where == "protobox-cd:dns.hosts.file"
    assert "protobox-cd:dns.hosts.entries: {192.168.1.7: [git.protobox]}" in only.fix
    return only


def test_a_file_is_read_whatever_its_line_ends_and_encoding(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_bytes(b"\xef\xbb\xbf192.168.1.7\tgit.protobox\r\n# caf\xe9\r\n")
    (source,) = read_sources(HostsSettings(file=str(hosts)), [], no_machine)
    assert source.label == str(hosts)
    assert source.file.entries == (HostEntry("192.168.1.7", "git.protobox"),)


def test_without_any_source_it_is_the_file_of_this_machine() -> None:
    for nothing in ({}, {"only": ["*"]}):
        settings = HostsSettings.model_validate(nothing)
        assert settings.local_file == "/etc/hosts"
    named: list[dict[str, Any]] = [{"entries": {"10.0.0.1": ["a"]}}, {"ssh": {"host": "a"}}]
    for something in named:
        assert HostsSettings.model_validate(something).local_file is None
        assert HostsSettings.model_validate({**something, "file": "hosts"}).local_file == "hosts"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in problem(tmp_path / "absent").what


def test_a_directory(tmp_path: Path) -> None:
    assert "Is a directory" in problem(tmp_path).what


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # nothing is forbidden to root
    assert "Permission denied" in problem(tmp_path / "hosts").what


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "has no line with an IP address" in problem(tmp_path / "pipe").what


def test_a_name_that_no_file_can_have() -> None:
    assert "cannot be read" in problem("a\0b").what


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"root:x:0:0\n", b"10.0.0.1\n", b"nonsense a\n"])
def test_a_file_without_any_usable_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hosts").write_bytes(content)
    assert "no line with an IP address and a name" in problem(tmp_path / "hosts").what


def test_a_file_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_bytes(b"10.0.0.1 a\n" * 1_000_000)
    assert problem(tmp_path / "hosts").what.endswith("is longer than 1024 KiB")
