"""The hosts files that the stack file names, here and over SSH, and which lines mean the same in a pod."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from components.dns.hosts.entries import HostEntry, hosts_lines
from components.dns.hosts.section import HostsSettings, SshSettings
from components.dns.hosts.ssh import LIMIT, NEEDED, OVERRIDE, PATH
from components.stackfile.addresses import canonical_ip, is_ip, not_for_a_pod
from components.stackfile.host_names import is_host_name
from components.stackfile.problems import Key, Problem, SettingsError

ReadRemote = Callable[[SshSettings], tuple[str, bytes]]
"""Returns another machine's name and its hosts file's content."""


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


@dataclass(frozen=True)
class Source:
    """A hosts file that was read."""

    label: str
    """How messages name it: `/etc/hosts`, `supervisor-1:/etc/hosts`."""
    file: HostsFile
    text: str
    """What stands in it."""


def read_sources(settings: HostsSettings, wanted: Sequence[str], remote: ReadRemote | None) -> list[Source]:
    """Return the hosts files that `settings` names, in the order in which they win.

    Names in `wanted` are taken even if they are those of the machine that has the file. `remote` reads
    another machine's file; None leaves other machines alone.

    Raises:
        SettingsError: a file cannot be read, or is no hosts file; the problems of all are in it.
    """
    reads: list[Callable[[], Source]] = []
    if settings.local_file:
        reads.append(partial(_local, settings.local_file, wanted))
    if settings.ssh and remote:
        reads.append(partial(_remote, settings.ssh, wanted, remote))
    sources: list[Source] = []
    problems: list[Problem] = []
    for read in reads:
        try:
            sources.append(read())
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return sources


def _local(file: str, wanted: Sequence[str]) -> Source:
    key, path = ("dns", "hosts", "file"), Path(file)
    try:
        endless = path.is_fifo() or path.is_char_device()
        content = b"" if endless else path.read_bytes()
    except (OSError, ValueError) as error:  # a NUL in the name is a ValueError
        what = f"the hosts file {file!r} cannot be read: {getattr(error, 'strerror', None) or error}"
        fix = f"name a hosts file that exists on the machine that runs Pulumi, or {OVERRIDE}"
        raise SettingsError([Problem(key, what, NEEDED, fix)]) from None
    return _understood(content, file, key, socket.gethostname(), wanted)


def _remote(ssh: SshSettings, wanted: Sequence[str], read: ReadRemote) -> Source:
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
    machine, content = read(ssh)
    return _understood(content, f"{ssh.host}:{ssh.file}", (*PATH, "file"), machine, wanted)


def _understood(
    content: bytes, label: str, key: tuple[Key, ...], machine: str, wanted: Sequence[str]
) -> Source:
    text = content.decode("utf-8-sig", errors="replace")  # comments may be in another encoding
    fix = f"name a file with lines such as `192.168.1.7 git.protobox`, or {OVERRIDE}"
    if len(content) > LIMIT:
        what = f"the hosts file {label} is longer than {LIMIT // 1024} KiB"
    elif b"\0" in content:
        what = f"the hosts file {label} is UTF-16, as some editors on Windows save it"
        path = label.rpartition(":")[2]
        fix = f"save it as UTF-8: iconv -f UTF-16 -t UTF-8 {path} > hosts.utf-8"
    elif not any(is_ip(line.address) and line.names for line in hosts_lines(text)):
        what = f"the hosts file {label} has no line with an IP address and a name"
    else:
        return Source(label, read_hosts(text, [machine], wanted), text)
    raise SettingsError([Problem(key, what, NEEDED, fix)])


def read_hosts(text: str, own_names: Collection[str] = (), wanted: Collection[str] = ()) -> HostsFile:
    """Return what `text`, a hosts file, has for pods, and what is left out, with the reasons.

    The names of the machine that has the file are its own business, unless they are `wanted`.
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
