"""Hosts entries: the lines of a file, and what of them comes into Argo CD's pods and the chart's values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from components.stackfile.addresses import canonical_ip
from components.stackfile.merging import deep_merge
from components.stackfile.problems import PROJECT

DEFAULT_FILE = "/etc/hosts"
"""Where every machine has its own; CoreDNS's plugin `hosts`, too, reads the pod's where it names no file."""


@dataclass(frozen=True)
class HostEntry:
    """One name and the address it stands for."""

    ip: str
    name: str


class HostsLine(NamedTuple):
    """One line that has words outside a comment."""

    number: int
    """1-based."""
    address: str
    """The first word, as it stands there."""
    names: tuple[str, ...]
    """All further words, as they stand there."""


def hosts_lines(text: str) -> list[HostsLine]:
    """Return the lines of a hosts file, also those whose address is none; `#` starts a comment in a word."""
    found = ((number, line.partition("#")[0].split()) for number, line in enumerate(text.split("\n"), 1))
    return [HostsLine(number, words[0], tuple(words[1:])) for number, words in found if words]


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether one of `patterns` (`*.protobox`) matches `name`, which is in lower case."""
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


def select(entries: Iterable[HostEntry], patterns: Sequence[str]) -> list[HostEntry]:
    """Return the entries whose name matches one of `patterns`."""
    return [entry for entry in entries if matches(entry.name, patterns)]


def explicit(entries: Mapping[str, Sequence[str]]) -> list[HostEntry]:
    """Return the entries of the stack file's `entries`: IP → names."""
    return [HostEntry(canonical_ip(ip), name) for ip, names in entries.items() for name in names]


def combine(*sources: Iterable[HostEntry]) -> list[HostEntry]:
    """Return all entries without doubles; each name comes from the first source that has it only."""
    combined: dict[HostEntry, None] = {}
    for source in sources:
        named = {entry.name for entry in combined}
        combined |= dict.fromkeys(entry for entry in source if entry.name not in named)
    return list(combined)


def ambiguous(entries: Iterable[HostEntry]) -> list[str]:
    """Return a sentence for each name that has several addresses of one family (IPv4, IPv6)."""
    addresses: dict[tuple[str, bool], list[str]] = {}
    for entry in entries:
        known = addresses.setdefault((entry.name, ":" in entry.ip), [])
        if entry.ip not in known:
            known.append(entry.ip)
    return [
        f"{name} has several addresses, {', '.join(ips)}: all of them are given, and most "
        f"programs try the first one only. If one is wrong, write the right one into {PROJECT}:dns.hosts."
        f"entries: {{{ips[0]}: [{name}]}}"
        for (name, _), ips in addresses.items()
        if len(ips) > 1
    ]


def host_aliases(entries: Iterable[HostEntry]) -> list[dict[str, Any]]:
    """Return the entries as Kubernetes' `hostAliases`: one per IP, since the API refuses doubles."""
    names: dict[str, list[str]] = {}
    for entry in entries:
        known = names.setdefault(entry.ip, [])
        if entry.name not in known:
            known.append(entry.name)
    return [{"ip": ip, "hostnames": hostnames} for ip, hostnames in names.items()]


def merge_host_aliases(values: Mapping[str, Any], aliases: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the chart's `values` with `aliases` merged into `global.hostAliases`.

    Entries that the values have already come first; each address is one entry, however it is spelt, and
    in its usual spelling. The argument is not changed.
    """
    standing = (values.get("global") or {}).get("hostAliases") or []
    entries = [
        HostEntry(canonical_ip(str(alias.get("ip") or "")), name)
        for alias in [*standing, *aliases]
        for name in alias.get("hostnames") or []
    ]
    return deep_merge(values, {"global": {"hostAliases": host_aliases(entries)}})
