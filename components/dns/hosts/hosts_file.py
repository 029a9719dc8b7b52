"""A hosts file: which of its lines mean the same in a pod."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from components.dns.hosts.entries import HostEntry, hosts_lines
from components.stackfile.addresses import canonical_ip, is_ip, not_for_a_pod
from components.stackfile.host_names import is_host_name


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


def read_hosts(text: str, own_names: Collection[str] = (), wanted: Collection[str] = ()) -> HostsFile:
    """Return what `text`, a hosts file, has for pods, and what is left out, with the reasons.

    Args:
        text: the file's content.
        own_names: the names of the machine that has the file; they are its own business.
        wanted: names that are taken even if they are the machine's own.
    """
    of_machine = {name for full in map(_normal, own_names) for name in (full, full.partition(".")[0])}
    of_machine -= set(map(_normal, wanted))
    entries: list[HostEntry] = []
    left_out: list[LeftOut] = []
    for line in hosts_lines(text):
        for name in map(_normal, line.names):
            reason, odd = _objection(line.address, name, of_machine)
            if reason:
                left_out.append(LeftOut(line.number, line.address, name, reason, odd))
            else:
                entries.append(HostEntry(canonical_ip(line.address), name))
    return HostsFile(tuple(entries), tuple(left_out))


def _objection(address: str, name: str, of_machine: Collection[str]) -> tuple[str, bool]:
    """Return why `name` is left out, "" if it is not, and whether that is a mistake in the file."""
    if not is_ip(address):
        return "which is no IP address", True
    if reason := not_for_a_pod(address):
        return reason, False
    if not is_host_name(name):
        return "but Kubernetes takes no such name: only letters, digits, '-' and dots", True
    if name in of_machine:
        return "but it is the name of the machine that has the file", False
    return "", False


def _normal(name: str) -> str:
    return name.lower().removesuffix(".")
