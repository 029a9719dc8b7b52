"""What is read in a hosts file, and which of it is for pods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.hosts.entries import HostEntry, HostsLine, hosts_lines
from components.dns.hosts.hosts_sources import LeftOut, read_hosts
from components.stackfile.addresses import not_for_a_pod
from components.stackfile.host_names import is_host_name

DEBIAN = """\
127.0.0.1\tlocalhost
127.0.1.1\tsupervisor-1.protobox supervisor-1
192.168.1.7\tgit.protobox   Registry.Protobox.  # GitLab
# 10.0.0.1 commented.out
10.0.0.9
fd00::7 git.protobox

# The following lines are desirable for IPv6 capable hosts
::1     ip6-localhost ip6-loopback
fe00::0 ip6-localnet
ff00::0 ip6-mcastprefix
ff02::1 ip6-allnodes
"""


def test_of_a_usual_file_only_real_machines_are_taken() -> None:
    read = read_hosts(DEBIAN)
    assert read.entries == (
        HostEntry("192.168.1.7", "git.protobox"),
        HostEntry("192.168.1.7", "registry.protobox"),
        HostEntry("fd00::7", "git.protobox"),
    )
    assert not any(one.odd for one in read.left_out)


@pytest.mark.parametrize(
    ("line", "reason", "odd"),
    [
        ("127.0.1.1 git", "which in a pod is the pod itself", False),
        ("::1 git", "which in a pod is the pod itself", False),
        ("::ffff:127.0.0.1 git", "which in a pod is the pod itself", False),
        ("0.0.0.0 git", "which is no machine's address", False),
        (":: git", "which is no machine's address", False),
        ("255.255.255.255 git", "which is no machine's address", False),
        ("169.254.25.10 git", "link-local", False),
        ("fe80::1 git", "link-local", False),
        ("fe80::1%eth0 git", "an address with a zone", False),
        ("ff02::1 git", "multicast", False),
        ("192.168.1.700 git", "which is no IP address", True),
        ("192.168.1.07 git", "which is no IP address", True),
        ("192.168.1.7% git", "which is no IP address", True),
        ("\ufeff192.168.1.7 git", "which is no IP address", True),
        ("192.168.1.7 git_lab", "Kubernetes takes no such name", True),
        ("192.168.1.7 caf\xe9", "Kubernetes takes no such name", True),
        (f"192.168.1.7 {'g' * 64}", "Kubernetes takes no such name", True),
    ],
)
def test_what_is_left_out_has_its_reason_and_its_line(line: str, reason: str, odd: bool) -> None:
    read = read_hosts(f"\n\n{line}\n")
    (left,) = read.left_out
    assert read.entries == ()
    assert (left.line, left.address, left.name, left.odd) == (3, *line.split(), odd)
    assert reason in left.reason


def test_the_machines_own_names_are_left_out_unless_they_are_wanted() -> None:
    text = "192.168.1.7 Git.protobox git registry.protobox"
    own = read_hosts(text, ["git.protobox"])
    assert [entry.name for entry in own.entries] == ["registry.protobox"]
    assert [one.name for one in own.left_out] == ["git.protobox", "git"]
    wanted = read_hosts(text, ["git.protobox"], ["git.protobox"])
    assert [entry.name for entry in wanted.entries] == ["git.protobox", "registry.protobox"]
    assert wanted.left_out == (
        LeftOut(1, "192.168.1.7", "git", "but it is the name of the machine that has the file"),
    )


def test_lines_end_at_line_feeds_and_comments_begin_inside_a_word() -> None:
    text = "10.0.0.1\ta\v b\fc\r\n10.0.0.2 h#i\n\n#\n10.0.0.3 j\r10.0.0.4"
    assert hosts_lines(text) == [
        HostsLine(1, "10.0.0.1", ("a", "b", "c")),
        HostsLine(2, "10.0.0.2", ("h",)),
        HostsLine(5, "10.0.0.3", ("j", "10.0.0.4")),
    ]


def test_an_address_is_in_its_usual_spelling() -> None:
    assert read_hosts("FD00:0::7 a\n::ffff:10.0.0.1 b\n").entries == (
        HostEntry("fd00::7", "a"),
        HostEntry("10.0.0.1", "b"),
    )


@given(st.text(alphabet=st.sampled_from("1270.:fe%# \t\r\nabG_-\x85\0"), max_size=80))
def test_of_any_text_each_name_is_taken_or_left_out_and_only_pods_business_is_taken(text: str) -> None:
    read = read_hosts(text)
    assert len(read.entries) + len(read.left_out) == sum(len(line.names) for line in hosts_lines(text))
    for entry in read.entries:
        assert not not_for_a_pod(entry.ip)
        assert is_host_name(entry.name)
