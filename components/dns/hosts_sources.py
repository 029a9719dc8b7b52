"""The hosts files that the stack file names: on this machine, and on another one over SSH."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.dns.hosts_file import HostsFile, decoded, hosts_lines, is_utf_16, read_hosts
from components.dns.ssh import LIMIT, NEEDED, OVERRIDE, PATH
from components.settings import HostsSettings, Problem, SettingsError, SshSettings
from components.settings.problems import Key

ReadRemote = Callable[[SshSettings], tuple[str, bytes]]
"""Returns another machine's name and its hosts file's content."""


@dataclass(frozen=True)
class Source:
    """A hosts file that was read."""

    label: str
    """How messages name it: `/etc/hosts`, `supervisor-1:/etc/hosts`."""
    file: HostsFile
    text: str
    """What stands in it."""


@dataclass(frozen=True)
class _Text:
    key: tuple[Key, ...]
    """The place in the stack file that names the hosts file."""
    label: str
    machine: str
    content: bytes


def read_sources(settings: HostsSettings, wanted: Sequence[str], remote: ReadRemote | None) -> list[Source]:
    """Return the hosts files that `settings` names, in the order in which they win.

    Args:
        settings: the `dns.hosts` section.
        wanted: names that are taken even if they are the names of the machine that has the file.
        remote: reads another machine's file; None leaves other machines alone.

    Raises:
        SettingsError: a file cannot be read, or is no hosts file; the problems of all are in it.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    readers: list[Callable[[], _Text]] = []
    if file := settings.local_file:
        readers.append(lambda: _local(file))
    if remote and (ssh := settings.ssh):
        readers.append(lambda: _remote(ssh, remote))
    for read in readers:
        try:
            sources.append(_understood(read(), wanted))
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return sources


def _local(file: str) -> _Text:
    key = ("dns", "hosts", "file")
    path, content, reason = Path(file), b"", ""
    try:
        if path.is_fifo():
            reason = "it is a pipe, which would be waited for"
        else:
            with path.open("rb") as opened:
                content = opened.read(LIMIT + 1)
    except OSError as error:
        reason = error.strerror or str(error)
    except ValueError as error:  # a NUL in the name
        reason = str(error)
    if reason:
        what = f"the hosts file {file!r} cannot be read: {reason}"
        fix = f"name a hosts file that exists on the machine that runs Pulumi, or {OVERRIDE}"
        raise SettingsError([Problem(key, what, NEEDED, fix)])
    return _Text(key, file, socket.gethostname(), content)


def _remote(settings: SshSettings, read: ReadRemote) -> _Text:
    files = {"key": settings.key, "knownHosts": settings.known_hosts}
    if problems := [
        Problem(
            (*PATH, name),
            f"there is no file {file!r} on the machine that runs Pulumi",
            f"without it {settings.host} would not let us in, or would not be known",
            "name a file that exists, or take the key out: ssh then uses its own",
        )
        for name, file in files.items()
        if file and not Path(file).expanduser().is_file()
    ]:
        raise SettingsError(problems)
    return _Text((*PATH, "file"), f"{settings.host}:{settings.file}", *read(settings))


def _understood(text: _Text, wanted: Sequence[str]) -> Source:
    content = decoded(text.content)
    if is_utf_16(text.content):
        what = f"the hosts file {text.label} is UTF-16, as some editors on Windows save it"
        path = text.label.rpartition(":")[2]
        fix = f"save it as UTF-8: iconv -f UTF-16 -t UTF-8 {path} > hosts.utf-8"
        raise SettingsError([Problem(text.key, what, NEEDED, fix)])
    if len(text.content) > LIMIT:
        what = f"the hosts file {text.label} is longer than {LIMIT // 1024} KiB"
    elif not any(line.ip and line.names for line in hosts_lines(content)):
        what = f"the hosts file {text.label} has no line with an IP address and a name"
    else:
        return Source(text.label, read_hosts(content, [text.machine], wanted), content)
    fix = f"name a file with lines such as `192.168.1.7 git.protobox`, or {OVERRIDE}"
    raise SettingsError([Problem(text.key, what, NEEDED, fix)])
