"""Another machine's hosts file over SSH: the command that reads it, and what its output means."""

from __future__ import annotations

import shlex
from pathlib import Path

from components.dns.ssh_errors import explain, no_ssh
from components.dns.ssh_failures import MISSING, NO_FILE, UNREADABLE
from components.settings import SettingsError, SshSettings

LIMIT = 1 << 20
"""Bytes. A hosts file of this size would be a mistake; Kubernetes takes no object of that size either."""
CONNECT_SECONDS = 10
"""For the connection and the exchange of keys."""
TOTAL_SECONDS = 60
"""For everything, also a log-in or a file system that hangs."""

_NO_SSH = "no-ssh"
_BEGIN, _END, _EXIT = "protobox-cd:begin", "protobox-cd:end", "protobox-cd:exit"
# The name of the machine and the file, between lines of their own: a log-in script may print something
# as well. One byte more than the limit shows that a file is too long.
_REMOTE = (
    f'[ -e "$1" ] || exit {MISSING}; [ -f "$1" ] || exit {NO_FILE}; '
    f"echo; echo {_BEGIN}; uname -n; "
    f'head -c {LIMIT + 1} <"$1" 2>/dev/null || exit {UNREADABLE}; '
    f"echo; echo {_END}"
)
# It always succeeds and prints hexadecimal digits, since the plugin takes text in UTF-8 only. Not every
# system has `timeout`; ssh's own limits hold there.
_LOCAL = """\
command -v ssh >/dev/null 2>&1 || {{ echo {no_ssh}; exit 0; }}
limit=
command -v timeout >/dev/null 2>&1 && limit='timeout {seconds}'
{{ $limit {ssh} </dev/null 2>&1; printf '\\n{exit} %s\\n' "$?"; }} | od -An -v -tx1
"""


def ssh_arguments(settings: SshSettings) -> list[str]:
    """Return the command that prints the other machine's name and hosts file, and never asks anything.

    Source of the options: ssh(1), ssh_config(5). LogLevel keeps the messages that tell why it failed,
    whatever the user's configuration says.
    """
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "ConnectTimeout": str(CONNECT_SECONDS),
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "2",
        "LogLevel": "ERROR",
    }
    if settings.known_hosts:
        options["UserKnownHostsFile"] = _path(settings.known_hosts)
    if settings.key:  # not `-i`: it does not find a file with `%` in its name
        options |= {"IdentitiesOnly": "yes", "IdentityFile": _path(settings.key)}
    words = ["ssh", "-T", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    words += ["-p", str(settings.port)] if settings.port else []
    words += ["-l", settings.user] if settings.user else []
    # The user's shell there may be none of POSIX's, but each of them knows words and single quotes.
    return [*words, "--", settings.host, shlex.join(["sh", "-c", _REMOTE, "sh", settings.file])]


def ssh_command(settings: SshSettings) -> str:
    """Return the command for a POSIX shell whose output `remote_file` reads."""
    ssh = shlex.join(ssh_arguments(settings))
    return _LOCAL.format(no_ssh=_NO_SSH, seconds=TOTAL_SECONDS, ssh=ssh, exit=_EXIT)


def remote_file(settings: SshSettings, printed: str) -> tuple[str, bytes]:
    """Return the machine's own name and the file's content, at most `LIMIT` + 1 bytes.

    Args:
        settings: what the command was made of.
        printed: what it printed.

    Raises:
        SettingsError: the file could not be read; the message says why, and what to do.
    """
    if printed.strip() == _NO_SSH:
        raise SettingsError([no_ssh(settings)])
    output, code = _output_and_code(printed)
    begin, end = f"\n{_BEGIN}\n".encode(), f"\n{_END}\n".encode()
    before, found, rest = output.partition(begin)
    content, ended, after = rest.rpartition(end)
    if code == 0 and found and ended:
        machine, _, text = content.partition(b"\n")
        return machine.decode(errors="replace"), text
    said = (before + after if ended else before).decode(errors="replace")
    raise SettingsError([explain(settings, code, said)])


def _output_and_code(printed: str) -> tuple[bytes, int]:
    """Return what ssh printed and its exit code; -1 if the end is missing."""
    try:
        output, _, code = bytes.fromhex(printed).rpartition(f"\n{_EXIT} ".encode())
        return output, int(code)
    except ValueError:
        return printed.encode(errors="replace"), -1


def _path(path: str) -> str:
    """Return `path` in full and quoted, as ssh options take it: `%` begins a token in them."""
    full = str(Path(path).expanduser().absolute())
    for special, written in (("%", "%%"), ("\\", "\\\\"), ('"', '\\"')):
        full = full.replace(special, written)
    return f'"{full}"'
