"""What comes into the pods from all sources of hosts entries, and what is said about the rest."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.dns.hosts.entries import HostEntry, ambiguous, combine, explicit, matches, select
from components.dns.hosts.hosts_sources import LeftOut, ReadRemote, Source, read_sources
from components.dns.hosts.section import HostsSettings
from components.stackfile.addresses import is_ip
from components.stackfile.problems import PROJECT

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

    `remote` reads another machine's file; None leaves other machines alone.

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
    if places := [_place(item) for item in source.file.left_out if item.name == name]:
        return f"has it in {'; in '.join(places)}"
    if any(entry.name == name for entry in source.file.entries):
        return f"has it, but no pattern in {_SECTION}.only matches it"
    return "; it ".join(near_misses(source.text, name)) or "does not have it"


def _mistakes(source: Source, patterns: Sequence[str], named: Collection[str]) -> str:
    """Return one warning for a file's mistakes with names that are asked for; "" if there are none.

    Other mistakes in it are not ours, and would only make noise at every preview.
    """
    places = [
        f"{item.name} in {_place(item)}"
        for item in source.file.left_out
        if item.odd and item.name not in named and matches(item.name, patterns)
    ]
    return f"{_SECTION}: left out of the hosts file {source.label}: {'; '.join(places)}" if places else ""


def _place(item: LeftOut) -> str:
    return f"line {item.line} as {item.address}, {item.reason}"


_ALIKE = 0.85


def near_misses(text: str, name: str) -> list[str]:
    """Return where a hosts file almost has `name`, which is in lower case, and what is wrong there."""
    found = [
        f"{reason} in line {number}"
        for number, line in enumerate(text.splitlines(), 1)
        if (reason := next(_of_line(line, name), ""))
    ]
    return found or [
        f"has {word} in line {number}, which is another name"
        for number, line in enumerate(text.splitlines(), 1)
        for word in re.findall(r"[-\w.]+", line.partition("#")[0])
        if _is_misspelt(word.lower(), name)
    ]


def _is_misspelt(word: str, name: str) -> bool:
    """Tell whether letters are missing, too many or swapped; another letter may be another machine."""
    is_near = difflib.SequenceMatcher(None, word, name).ratio() >= _ALIKE
    return is_near and word != name and (len(word) != len(name) or sorted(word) == sorted(name))


def _of_line(line: str, name: str) -> Iterator[str]:
    active, mark, comment = line.partition("#")
    words = active.split()
    if words and words[0].lower() == name:
        yield f"has the name in front of the address (write {_first_ip(words)} {name})"
    for word in words:
        bare = word.lower().strip(",;")
        host = re.sub(r"^[a-z]+://|[:/].*$", "", bare)
        if bare == name and word.lower() != name:
            yield f"has {word!r}, with a sign that does not belong there (write {name})"
        elif host == name and bare != name:
            yield f"has {word!r}, which is more than a name (write {name})"
    if mark and name in (word.lower() for word in comment.split()):
        yield "has it behind a #, as a comment (take the # away)"


def _first_ip(words: list[str]) -> str:
    return next((word for word in words if is_ip(word)), "192.168.1.7")
