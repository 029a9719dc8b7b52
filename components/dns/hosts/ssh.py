"""Another machine's hosts file, read over SSH. Where that fails, ssh itself has the words for it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from components.dns.hosts.section import SshSettings
from components.stackfile.problems import PROJECT, Problem, SettingsError

PATH = ("dns", "hosts", "ssh")
LIMIT = 1 << 20
"""Bytes. A hosts file of this size would be a mistake; Kubernetes takes no object of that size either."""
CONNECT_SECONDS = 10
"""For the connection and the exchange of keys."""
TOTAL_SECONDS = 60
"""For everything, also a log-in or a file system that hangs."""
OVERRIDE = f"write the entries themselves: {PROJECT}:dns.hosts.entries: {{192.168.1.7: [git.protobox]}}"
NEEDED = "its entries are what makes the Git server's name resolve in Argo CD's pods"

_LONGEST = 300
_BEGIN = "protobox-cd:begin"
# The name of the machine and the file, behind a line of their own: a log-in script may print something as
# well. One byte more than the limit shows that a file is too long.
_REMOTE = f'echo; echo {_BEGIN}; uname -n; head -c {LIMIT + 1} -- "$1"'


def read_over_ssh(settings: SshSettings) -> tuple[str, bytes]:
    """Return the other machine's name and its hosts file's content, at most `LIMIT` + 1 bytes.

    Raises:
        SettingsError: the file could not be read; the message says why, and what to do.
    """
    try:
        done = subprocess.run(
            ssh_arguments(settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOTAL_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise SettingsError([_no_ssh(settings)]) from None
    except subprocess.TimeoutExpired:
        raise SettingsError([explain(settings, f"nothing comes for {TOTAL_SECONDS} seconds")]) from None
    before, found, content = done.stdout.partition(f"\n{_BEGIN}\n".encode())
    if done.returncode or not found:
        printed = (before + done.stderr).decode(errors="replace")
        raise SettingsError([explain(settings, printed or f"ssh ends with code {done.returncode}")])
    machine, _, text = content.partition(b"\n")
    return machine.decode(errors="replace"), text


def ssh_arguments(settings: SshSettings) -> list[str]:
    """Return the command that prints the other machine's name and hosts file, and never asks anything.

    LogLevel keeps the messages that tell why it failed, whatever the user's configuration says.
    """
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "ConnectTimeout": str(CONNECT_SECONDS),
        "LogLevel": "ERROR",
    }
    # The user's shell there may be none of POSIX's, but each of them knows words and single quotes.
    remote = shlex.join(["sh", "-c", _REMOTE, "sh", settings.file])
    return ["ssh", "-T", *_options(options), *_from_the_stack_file(settings), remote]


def explain(settings: SshSettings, printed: str) -> Problem:
    """Return what is wrong, in ssh's own words, and the command that has to work."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    by_hand = shlex.join(["ssh", *_from_the_stack_file(settings), f"head -- {shlex.quote(settings.file)}"])
    return Problem(
        PATH,
        f"the hosts file {settings.file} of {settings.host} cannot be read: "
        + " / ".join(lines[-2:])[:_LONGEST],
        NEEDED,
        f"make this work without a question: {by_hand}\nWhere it asks whether the machine is the right one, "
        f"compare the key's fingerprint with what its administrator reads on it; or {OVERRIDE}",
    )


def _from_the_stack_file(settings: SshSettings) -> list[str]:
    options = {}
    if settings.known_hosts:
        options["UserKnownHostsFile"] = _path(settings.known_hosts)
    if settings.key:  # not `-i`: it does not find a file with `%` in its name
        options |= {"IdentitiesOnly": "yes", "IdentityFile": _path(settings.key)}
    words = _options(options)
    words += ["-p", str(settings.port)] if settings.port else []
    words += ["-l", settings.user] if settings.user else []
    return [*words, "--", settings.host]


def _options(options: Mapping[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def _no_ssh(settings: SshSettings) -> Problem:
    return Problem(
        PATH,
        "there is no command `ssh` on the machine that runs Pulumi",
        f"it reads {settings.host}:{settings.file}",
        "install OpenSSH's client (on Debian: apt-get install openssh-client), or copy the file to this "
        f"machine and name it in {PROJECT}:dns.hosts.file",
    )


def _path(path: str) -> str:
    """Return `path` in full and quoted, as ssh options take it: `%` begins a token in them."""
    full = str(Path(path).expanduser().absolute())
    for special, written in (("%", "%%"), ("\\", "\\\\"), ('"', '\\"')):
        full = full.replace(special, written)
    return f'"{full}"'
