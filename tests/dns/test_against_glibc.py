"""Our reading of a hosts file is glibc's: the same addresses for the same names, in any text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.dns.hosts.entries import HostsLine, hosts_lines
from components.stackfile.addresses import canonical_ip, is_ip
from tests.dns.glibc import Glibc, glibc

pytestmark = pytest.mark.real

_ADDRESSES = st.sampled_from(
    [
        *("10.0.0.1", "10.0.0.2", "127.0.1.1", "0.0.0.1", "255.255.255.255"),
        *("010.0.0.1", "10.0.0.256", "10.0.0", "10.0.0.1.", "0x0a.0.0.1", "1e1.0.0.1", "10.0.0.1/24"),  # none
        *("fd00::7", "FD00:0::7", "::1", "::", "::ffff:10.0.0.3", "::10.0.0.4", "1:2:3:4:5:6:7::", "fe80::1"),
        *("fd00::7%", "1:2:3:4::5:6:7:8", ":::", "::00007", "[fd00::7]", "fd00::7:", "git", "-"),  # none
    ]
)
_NAMES = st.sampled_from(
    ["git", "GIT", "git.protobox", "Git.Protobox.", "node_1", "git\u00e9", "*.protobox", "y" * 300]
)
_SPACES = st.sampled_from([" ", "\t", " \t ", "\r", "\v", "\f"])
_ODD = st.sampled_from(["#", " # ", "\\", ""])
_LINES = st.builds(
    "".join,
    st.tuples(
        st.one_of(st.just(""), _SPACES, _ODD),
        _ADDRESSES,
        st.one_of(_SPACES, _ODD),
        st.builds("".join, st.lists(st.one_of(_NAMES, _SPACES, _SPACES, _ODD), max_size=8)),
        st.sampled_from(["\n", "\n", "\r\n", "\n\n", "\r"]),
    ),
)
TEXTS = st.one_of(
    st.builds("".join, st.lists(_LINES, max_size=6)),
    st.text(alphabet=st.sampled_from("10.:fg# \t\r\n\v"), max_size=40),
)
# What could be an address, as 0x0a.1 and fe80::1%git are, no resolver looks up in a file.
_ASKED = re.compile(r"[^\s#:]*[g-wyzG-WYZ][^\s#:]*")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glibc]:
    with glibc(tmp_path_factory.mktemp("glibc")) as running:
        yield running


def expected(lines: list[HostsLine], name: str) -> tuple[list[str], list[str]]:
    """Return what a program that asks for `name` gets, by family.

    For IPv4, glibc gives 127.0.0.1 for ::1, and for both families an address that is IPv4 in IPv6. It
    takes no address with a zone that is no interface of this machine; `read_hosts` takes none with a zone.
    """
    having = [
        line.address
        for line in lines
        if is_ip(line.address) and "%" not in line.address and name.lower() in map(str.lower, line.names)
    ]
    ips = [canonical_ip(address) for address in having]
    v4 = {"127.0.0.1" if ip == "::1" else ip for ip in ips if ip == "::1" or ":" not in ip}
    v6 = {canonical_ip(address) for address in having if ":" in address}
    return sorted(v4), sorted(v6)


def words(text: str) -> list[str]:
    """Return all names that are in `text` under any notion of words and lines."""
    found = {word for line in text.split("\n") for word in re.split(r"[ \t\r\v\f#]+", line)}
    return sorted(word for word in {*found, *text.split(), "git"} if word and _ASKED.fullmatch(word))


@settings(max_examples=800)
@given(text=TEXTS)
@example(text="fd00::7%\\ git")
def test_every_name_has_the_addresses_that_glibc_finds(real: Glibc, text: str) -> None:
    text += "\n"  # glibc 2.36 reads the last letters of an indented line twice without it
    lines = hosts_lines(text)
    for name, (v4, v6) in real.read(text, words(text)).items():
        assert (sorted(v4), sorted(map(canonical_ip, v6))) == expected(lines, name), name
