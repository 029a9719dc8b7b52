"""What comes into the pods from all sources together, and what is said."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.dns.hosts.choice import HostsChoice, choose
from components.dns.hosts.entries import HostEntry
from components.dns.hosts.section import HostsSettings
from components.stackfile.problems import SettingsError

GIT = "git.protobox"


@pytest.fixture
def chosen(tmp_path: Path) -> Callable[..., HostsChoice]:
    """Choose from a file's and a remote file's text, and the rest of `dns.hosts`."""

    def choose_from(file: str | None = None, remote: str | None = None, **rest: Any) -> HostsChoice:
        if file is not None:
            (tmp_path / "hosts").write_bytes(file.encode())
            rest["file"] = str(tmp_path / "hosts")
        if remote is not None:
            rest["ssh"] = {"host": "supervisor-1"}
        settings = HostsSettings.model_validate(rest)
        return choose(settings, [GIT, GIT], lambda _: ("supervisor-1", (remote or "").encode()))

    return choose_from


Chosen = Callable[..., HostsChoice]


def test_entries_win_over_the_file_and_the_file_over_ssh(chosen: Chosen) -> None:
    file = "10.0.0.2 git.protobox\n10.0.0.2 a.protobox"
    remote = "10.0.0.3 git.protobox\nfd00::3 a.protobox\n10.0.0.3 b.protobox"
    found = chosen(file, remote, entries={"10.0.0.1": [GIT]}, only=["*.protobox"])
    assert found.entries == (
        HostEntry("10.0.0.1", GIT),
        HostEntry("10.0.0.2", "a.protobox"),
        HostEntry("10.0.0.3", "b.protobox"),
    )
    assert found.warnings == ()


def test_only_the_hosts_in_use_are_taken_unless_patterns_say_otherwise(chosen: Chosen) -> None:
    file = "10.0.0.1 node1\n192.168.1.7 git.protobox\n"
    assert chosen(file).entries == (HostEntry("192.168.1.7", GIT),)
    found = chosen(file, only=["NODE*"])
    assert found.entries == (HostEntry("10.0.0.1", "node1"),)
    assert "no pattern in protobox-cd:dns.hosts.only matches it" in found.absent[GIT]


def test_ssh_alone_does_not_read_the_file_of_this_machine(
    chosen: Chosen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", None)
    assert chosen(remote="192.168.1.7 git.protobox").entries == (HostEntry("192.168.1.7", GIT),)


def test_what_the_file_has_on_loopback_ssh_can_bring(chosen: Chosen) -> None:
    found = chosen("127.0.1.1 git.protobox", "192.168.1.7 git.protobox")
    assert found.entries == (HostEntry("192.168.1.7", GIT),)
    assert found.absent == {}


def test_a_wanted_host_that_no_file_brings_is_told_with_each_files_reason(
    chosen: Chosen, tmp_path: Path
) -> None:
    found = chosen("10.0.0.1 a\n\n127.0.1.1 x git.protobox\n::1 git.protobox\n", "10.0.0.1 a")
    assert found.entries == ()
    itself = "which in a pod is the pod itself"
    assert found.absent == {
        GIT: f"the hosts file {tmp_path}/hosts has it in line 3 as 127.0.1.1, {itself}; "
        f"in line 4 as ::1, {itself}; "
        "the hosts file supervisor-1:/etc/hosts does not have it"
    }


def test_the_names_of_the_machine_itself_are_taken_only_if_they_are_asked_for(
    chosen: Chosen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Build-1.protobox")
    file = "192.168.1.7 build-1.protobox build-1 git.protobox"
    assert [entry.name for entry in chosen(file, only=["*"]).entries] == [GIT]
    assert [entry.name for entry in chosen(file, only=["Build-1", "git*"]).entries] == ["build-1", GIT]
    remote = chosen(remote="192.168.1.7 supervisor-1 build-1 git.protobox", only=["*"])
    assert [entry.name for entry in remote.entries] == ["build-1", GIT]


def test_the_git_server_may_be_the_machine_itself(chosen: Chosen) -> None:
    found = choose(
        HostsSettings.model_validate({"ssh": {"host": GIT}}),
        [GIT],
        lambda _: (GIT, b"192.168.1.7 git.protobox git"),
    )
    assert found.entries == (HostEntry("192.168.1.7", GIT),)


def test_mistakes_with_names_that_are_asked_for_are_one_warning_and_others_are_none(
    chosen: Chosen, tmp_path: Path
) -> None:
    file = (
        "192.168.1.7 git.protobox git_1.protobox\n192.168.1.700 a.protobox odd_node\nnonsense x\n"
        "127.0.0.1 b.protobox\n192.168.1.700 git.protobox\n"
    )
    (warning,) = chosen(file, only=["*.protobox"]).warnings
    assert warning == (
        f"protobox-cd:dns.hosts: left out of the hosts file {tmp_path}/hosts: git_1.protobox in line 1 as "
        "192.168.1.7, but Kubernetes takes no such name: only letters, digits, '-' and dots; "
        "a.protobox in line 2 as 192.168.1.700, which is no IP address"
    )
    assert chosen(file).warnings == ()


def test_a_name_that_only_asks_for_in_full_is_never_lost_silently(chosen: Chosen) -> None:
    found = chosen("127.0.0.1 a.protobox\n192.168.1.7 git.protobox", only=["a.protobox", GIT, "B.protobox"])
    assert found.entries == (HostEntry("192.168.1.7", GIT),)
    first, second = found.warnings
    assert "only: a.protobox comes into no pod" in first
    assert "in line 1 as 127.0.0.1" in first
    assert "only: b.protobox comes into no pod" in second
    assert "does not have it" in second


def test_a_name_with_two_addresses_of_one_family_is_said(chosen: Chosen) -> None:
    found = chosen("192.168.1.7 git.protobox\n192.168.1.8 git.protobox\nfd00::7 git.protobox")
    assert len(found.entries) == 3
    (warning,) = found.warnings
    assert "git.protobox has several addresses, 192.168.1.7, 192.168.1.8" in warning


def test_what_is_wrong_with_both_files_is_told_together(chosen: Chosen) -> None:
    with pytest.raises(SettingsError) as caught:
        chosen("", "")
    assert [problem.where for problem in caught.value.problems] == [
        "protobox-cd:dns.hosts.file",
        "protobox-cd:dns.hosts.ssh.file",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("192.168.1.7 git.protobox,", "has 'git.protobox,', with a sign that does not belong there"),
        ("192.168.1.7 a; git.protobox;", "(write git.protobox) in line 2"),
        ("#192.168.1.7 git.protobox", "has it behind a #, as a comment (take the # away) in line 2"),
        ("192.168.1.7 supervisor # git.protobox", "has it behind a #"),
        ("192.168.1.7 git.protobox:8080", "has 'git.protobox:8080', which is more than a name"),
        ("192.168.1.7 http://git.protobox/", "which is more than a name (write git.protobox)"),
        ("git.protobox 192.168.1.7", "name in front of the address (write 192.168.1.7 git.protobox)"),
        ("Git.Protobox 10.0.0.7", "(write 10.0.0.7 git.protobox) in line 2"),
        ("192.168.1.7 git.protbox", "has git.protbox in line 2, which is another name"),
        ("192.168.1.7 registry.example", "does not have it"),
    ],
)
def test_a_line_that_almost_has_the_name_is_told(chosen: Chosen, line: str, said: str) -> None:
    assert said in chosen(f"10.0.0.1 node1\n{line}\n").absent[GIT]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_hosts_file_of_utf_16_is_called_so(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_bytes("192.168.1.7 git.protobox\r\n".encode(encoding))
    settings = HostsSettings.model_validate({"file": str(tmp_path / "hosts")})
    with pytest.raises(SettingsError) as caught:
        choose(settings, [GIT], None)
    (problem,) = caught.value.problems
    assert "is UTF-16" in problem.what
    assert f"iconv -f UTF-16 -t UTF-8 {tmp_path}/hosts" in problem.fix


def test_another_machine_is_left_alone_where_nobody_may_ask_it() -> None:
    settings = HostsSettings.model_validate({"ssh": {"host": "supervisor-1"}})
    assert choose(settings, [GIT], None) == HostsChoice(())
