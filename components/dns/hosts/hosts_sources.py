"""The hosts files that the stack file names: on this machine, and on another one over SSH."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from components.dns.hosts.entries import HostsFile, hosts_lines, read_hosts
from components.dns.hosts.section import HostsSettings, SshSettings
from components.dns.hosts.ssh import LIMIT, NEEDED, OVERRIDE, PATH
from components.stackfile.addresses import is_ip
from components.stackfile.problems import Key, Problem, SettingsError

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
    for read in (_local, partial(_remote, read=remote)):
        try:
            sources += [_understood(text, wanted) for text in read(settings)]
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return sources


def _local(settings: HostsSettings) -> Iterator[_Text]:
    if not (file := settings.local_file):
        return
    key, path = ("dns", "hosts", "file"), Path(file)
    try:
        endless = path.is_fifo() or path.is_char_device()
        content = b"" if endless else path.read_bytes()
    except (OSError, ValueError) as error:  # a NUL in the name is a ValueError
        what = f"the hosts file {file!r} cannot be read: {getattr(error, 'strerror', None) or error}"
        fix = f"name a hosts file that exists on the machine that runs Pulumi, or {OVERRIDE}"
        raise SettingsError([Problem(key, what, NEEDED, fix)]) from None
    yield _Text(key, file, socket.gethostname(), content)


def _remote(settings: HostsSettings, read: ReadRemote | None) -> Iterator[_Text]:
    if not (read and (ssh := settings.ssh)):
        return
    files = {"key": ssh.key, "knownHosts": ssh.known_hosts}
    if problems := [
        Problem(
            (*PATH, name),
            f"there is no file {file!r} on the machine that runs Pulumi",
            f"without it {ssh.host} would not let us in, or would not be known",
            "name a file that exists, or take the key out: ssh then uses its own",
        )
        for name, file in files.items()
        if file and not Path(file).expanduser().is_file()
    ]:
        raise SettingsError(problems)
    yield _Text((*PATH, "file"), f"{ssh.host}:{ssh.file}", *read(ssh))


def _understood(text: _Text, wanted: Sequence[str]) -> Source:
    content = text.content.decode("utf-8-sig", errors="replace")  # comments may be in another encoding
    fix = f"name a file with lines such as `192.168.1.7 git.protobox`, or {OVERRIDE}"
    if len(text.content) > LIMIT:
        what = f"the hosts file {text.label} is longer than {LIMIT // 1024} KiB"
    elif b"\0" in text.content:
        what = f"the hosts file {text.label} is UTF-16, as some editors on Windows save it"
        path = text.label.rpartition(":")[2]
        fix = f"save it as UTF-8: iconv -f UTF-16 -t UTF-8 {path} > hosts.utf-8"
    elif not any(is_ip(line.address) and line.names for line in hosts_lines(content)):
        what = f"the hosts file {text.label} has no line with an IP address and a name"
    else:
        return Source(text.label, read_hosts(content, [text.machine], wanted), content)
    raise SettingsError([Problem(text.key, what, NEEDED, fix)])
