"""What comes into the pods from all sources of hosts entries, and what is said about the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from components.dns.hosts import HostEntry, ambiguous, combine, explicit, matches, select
from components.dns.hosts_file import LeftOut
from components.dns.hosts_near import near_misses
from components.dns.hosts_sources import ReadRemote, Source, read_sources
from components.settings import HostsSettings
from components.settings.base import PROJECT

_SECTION = f"{PROJECT}:dns.hosts"


@dataclass(frozen=True)
class HostsChoice:
    """The entries for the pods."""

    entries: tuple[HostEntry, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    """Repository host without an entry → the files where it was looked for, and why it is not taken."""
    warnings: tuple[str, ...] = ()


def choose(
    settings: HostsSettings, repository_hosts: Iterable[str], remote: ReadRemote | None
) -> HostsChoice:
    """Return the entries of all sources: for a name, `entries` win, then `file`, then `ssh`.

    Args:
        settings: the `dns.hosts` section.
        repository_hosts: the hosts that have to resolve.
        remote: reads another machine's file; None leaves other machines alone.

    Raises:
        SettingsError: a file cannot be read, or is no hosts file.
    """
    hosts = list(dict.fromkeys(repository_hosts))
    asked = [name.lower() for name in settings.only if not set(name) & set("*?[")]
    sources = read_sources(settings, [*hosts, *asked], remote)
    patterns = settings.only or hosts
    from_files = [select(source.file.entries, patterns) for source in sources]
    entries = combine(explicit(settings.entries), *from_files)
    named = {entry.name for entry in entries}
    absent = {host: _absence(host, sources) for host in hosts if sources and host not in named}
    lost = [name for name in asked if sources and name not in named and name not in absent]
    warnings = [
        *(f"{_SECTION}.only: {name} comes into no pod: {_absence(name, sources)}" for name in lost),
        *(_mistakes(source, patterns, {*named, *lost}) for source in sources),
        *(f"{_SECTION}: {sentence}" for sentence in ambiguous(entries)),
    ]
    return HostsChoice(tuple(entries), absent, tuple(filter(None, warnings)))


def _absence(name: str, sources: Sequence[Source]) -> str:
    return "; ".join(f"the hosts file {source.label} {_absence_in(source, name)}" for source in sources)


def _absence_in(source: Source, name: str) -> str:
    if places := [_place(one) for one in source.file.left_out if one.name == name]:
        return f"has it in {'; in '.join(places)}"
    if any(entry.name == name for entry in source.file.entries):
        return f"has it, but no pattern in {_SECTION}.only matches it"
    return "; it ".join(near_misses(source.text, name)) or "does not have it"


def _mistakes(source: Source, patterns: Sequence[str], told: Collection[str]) -> str:
    """Return one warning for a file's mistakes with names that are asked for; "" if there are none.

    Other mistakes in it are not ours, and would only make noise at every preview.
    """
    places = [
        f"{one.name} in {_place(one)}"
        for one in source.file.left_out
        if one.odd and one.name not in told and matches(one.name, patterns)
    ]
    return f"{_SECTION}: left out of the hosts file {source.label}: {'; '.join(places)}" if places else ""


def _place(one: LeftOut) -> str:
    return f"line {one.line} as {one.address}, {one.reason}"
