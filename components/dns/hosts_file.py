"""A hosts file: what the C library reads in it, and which of it means the same in a pod."""

from __future__ import annotations

import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address

from components.dns.hosts import HostEntry
from components.settings.addresses import canonical_ip, not_for_a_pod
from components.settings.names import is_host_name
from components.settings.urls import is_ip

_ENOUGH = 8
"""Bytes by which an encoding is known."""
_SPACE = re.compile(r"[ \t\n\v\f\r]+")
"""What C's `isspace` knows. Python's own `split` and `splitlines` know more, such as U+0085."""


@dataclass(frozen=True)
class HostsLine:
    """One line that has words outside a comment."""

    number: int
    """1-based."""
    address: str
    """The first word, as it stands there."""
    names: tuple[str, ...]
    """All further words, as they stand there."""

    @property
    def ip(self) -> str:
        """The address in its usual spelling; "" if the C library skips the line because of it."""
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                return canonical_ip(str(ip_address(socket.inet_pton(family, self.address))))
            except (OSError, ValueError):  # no such address; characters that C does not take
                continue
        return ""


@dataclass(frozen=True)
class LeftOut:
    """A name that is in the file, and does not come into the pods."""

    line: int
    address: str
    name: str
    reason: str
    """Goes on after the address: "which in a pod is the pod itself"."""
    odd: bool = False
    """Whether it is a mistake in the file, and not just how every hosts file looks."""


@dataclass(frozen=True)
class HostsFile:
    """What a hosts file has for pods, in its order."""

    entries: tuple[HostEntry, ...]
    left_out: tuple[LeftOut, ...]


def hosts_lines(text: str) -> list[HostsLine]:
    """Return the lines of a hosts file as glibc reads them, also those with an address that it skips.

    Source: glibc nss/nss_files/files-hosts.c and files-parse.c: a line ends at a line feed and nowhere
    else, `#` starts a comment even inside a word, words end at white space, the address is what
    `inet_pton` takes. A NUL ends the line too, since it is a string of C. Only one thing is read as it is
    meant: of an indented line without line feed at the end of the file, glibc 2.36 takes the last letters
    twice.
    """
    lines: list[HostsLine] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in _SPACE.split(re.split("[#\0]", line, maxsplit=1)[0]) if word]
        if words:
            lines.append(HostsLine(number, words[0], tuple(words[1:])))
    return lines


def decoded(content: bytes) -> str:
    """Return the text of a hosts file; a byte order mark at its very beginning is not part of it.

    Letters in another encoding than UTF-8, which comments may have, do no harm.
    """
    return content.decode("utf-8-sig", errors="replace")


def is_utf_16(content: bytes) -> bool:
    """Tell whether a hosts file is UTF-16: it says so, or every other byte of its beginning is zero."""
    beginning = content[:64]
    zeros = max(beginning[0::2].count(0), beginning[1::2].count(0))
    return content[:2] in (b"\xff\xfe", b"\xfe\xff") or (
        len(beginning) >= _ENOUGH and zeros * 2 == len(beginning)
    )


def read_hosts(text: str, own_names: Collection[str] = (), wanted: Collection[str] = ()) -> HostsFile:
    """Return what `text`, a hosts file, has for pods, and what is left out, with the reasons.

    Args:
        text: the file's content.
        own_names: the names of the machine that has the file; they are its own business.
        wanted: names that are taken even if they are the machine's own.
    """
    own = {name for full in map(_normal, own_names) for name in (full, full.partition(".")[0])}
    own -= set(map(_normal, wanted))
    entries: list[HostEntry] = []
    left_out: list[LeftOut] = []
    for line in hosts_lines(text):
        ip = line.ip
        for name in map(_normal, line.names):
            reason, odd = _objection(line.address, ip, name, own)
            if reason:
                left_out.append(LeftOut(line.number, line.address, name, reason, odd))
            else:
                entries.append(HostEntry(ip, name))
    return HostsFile(tuple(entries), tuple(left_out))


def _objection(address: str, ip: str, name: str, own: Collection[str]) -> tuple[str, bool]:
    """Return why `name` is left out, "" if it is not, and whether that is a mistake in the file."""
    if not ip and not ("%" in address and is_ip(address)):
        return "which is no IP address", True
    if reason := not_for_a_pod(ip or address):
        return reason, False
    if not is_host_name(name):
        return "but Kubernetes takes no such name: only letters, digits, '-' and dots", True
    if name in own:
        return "but it is the name of the machine that has the file", False
    return "", False


def _normal(name: str) -> str:
    return name.lower().removesuffix(".")
