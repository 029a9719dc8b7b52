"""Hosts entries for Argo CD's pods: from a hosts file, from the stack file, or from both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Any

from components.argocd.values import deep_merge


@dataclass(frozen=True)
class HostEntry:
    """One name and the address it stands for."""

    ip: str
    name: str


def parse_hosts(text: str) -> list[HostEntry]:
    """Return the entries of a hosts file that make sense in a pod, in order.

    Left out: comments, lines whose first word is no address, and addresses that mean another machine
    in a pod than on the host (loopback, link-local, unspecified, multicast).
    """
    entries: list[HostEntry] = []
    for line in text.removeprefix("\ufeff").splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if names and _means_the_same_everywhere(address):
            entries += [HostEntry(str(ip_address(address)), name.lower().removesuffix(".")) for name in names]
    return entries


def select(entries: Iterable[HostEntry], patterns: Sequence[str]) -> list[HostEntry]:
    """Return the entries whose name matches one of `patterns` (`*.protobox`)."""
    return [e for e in entries if any(fnmatchcase(e.name, pattern.lower()) for pattern in patterns)]


def explicit(entries: Mapping[str, Sequence[str]]) -> list[HostEntry]:
    """Return the entries of the stack file's `entries`: IP → names."""
    return [HostEntry(str(ip_address(ip)), name) for ip, names in entries.items() for name in names]


def combine(from_file: Iterable[HostEntry], from_stack: Iterable[HostEntry]) -> list[HostEntry]:
    """Return both without doubles; for a name that the stack file has, the file's entries do not count."""
    own = list(from_stack)
    named = {entry.name for entry in own}
    return list(dict.fromkeys([*own, *(entry for entry in from_file if entry.name not in named)]))


def host_aliases(entries: Iterable[HostEntry]) -> list[dict[str, Any]]:
    """Return the entries as Kubernetes' `hostAliases`: one per IP, since the API keeps one per IP only."""
    names: dict[str, list[str]] = {}
    for entry in entries:
        known = names.setdefault(entry.ip, [])
        if entry.name not in known:
            known.append(entry.name)
    return [{"ip": ip, "hostnames": hostnames} for ip, hostnames in names.items()]


def merge_host_aliases(values: Mapping[str, Any], aliases: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the chart's `values` with `aliases` merged into `global.hostAliases`.

    Entries that the values have already come first. The argument is not changed.
    """
    standing = (values.get("global") or {}).get("hostAliases") or []
    entries = [HostEntry(alias["ip"], name) for alias in [*standing, *aliases] for name in alias["hostnames"]]
    return deep_merge(values, {"global": {"hostAliases": host_aliases(entries)}})


def _means_the_same_everywhere(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return not (ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast)
