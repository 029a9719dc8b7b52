"""Another machine's hosts file, read over SSH: the command, and what is wrong where it fails."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from components.dns.hosts.section import SshSettings
from components.stackfile.base import PROJECT
from components.stackfile.problems import Problem, SettingsError

PATH = ("dns", "hosts", "ssh")
LIMIT = 1 << 20
"""Bytes. A hosts file of this size would be a mistake; Kubernetes takes no object of that size either."""
CONNECT_SECONDS = 10
"""For the connection and the exchange of keys."""
TOTAL_SECONDS = 60
"""For everything, also a log-in or a file system that hangs."""
OVERRIDE = f"write the entries themselves: {PROJECT}:dns.hosts.entries: {{192.168.1.7: [git.protobox]}}"
NEEDED = "its entries are what makes the Git server's name resolve in Argo CD's pods"

_DEFAULT_PORT = 22
_LONGEST = 300
_BEGIN = "protobox-cd:begin"
# The name of the machine and the file, behind a line of their own: a log-in script may print something as
# well. One byte more than the limit shows that a file is too long.
_REMOTE = f'echo; echo {_BEGIN}; uname -n; head -c {LIMIT + 1} -- "$1"'

_COMPARE = (
    "  {scan}\nand compare what `ssh-keygen -lf` says of that file with the fingerprint that the "
    "administrator of {host} reads on the machine itself"
)
_CHANGED = (
    "ask the administrator of {host} whether the machine was set up anew: another one may answer in its "
    "place and send Argo CD to a false Git server. If its key is new, take the old one out and the "
    "new one in:\n"
    f"  ssh-keygen -R {{known_name}}{{of_file}}\n{_COMPARE}"
)
_UNKNOWN = (
    f"take the machine's key in:\n{_COMPARE}; name the file in {PROJECT}:dns.hosts.ssh.knownHosts if it is "
    "not ~/.ssh/known_hosts"
)
_DENIED = (
    f"make `{{try_it}}` work without password or passphrase. The user is {PROJECT}:dns.hosts.ssh.user; the "
    "private key is `key` beside it, or in the agent (ssh-add KEY) if it has a passphrase; the public one "
    "comes to {host} with: ssh-copy-id -i KEY.pub{option} {login}"
)
_UNREACHED = f"name a machine that `{{try_it}}` reaches, and its port in {PROJECT}:dns.hosts.ssh.port"
_ADVICE = (
    (r"Could not resolve|Connection refused|timed out|Timeout|No route|unreachable", "host", _UNREACHED),
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed", "knownHosts", _CHANGED),
    (r"Host key verification failed|host key is known for", "knownHosts", _UNKNOWN),
    (r"UNPROTECTED PRIVATE KEY FILE|bad permissions", "key", "chmod 600 {key}"),
    (r"Permission denied \(|Too many authentication failures|Load key", "", _DENIED),
    (r"\bhead: ", "file", f"name a hosts file that {{login}} may read in {PROJECT}:dns.hosts.ssh.file"),
)
"""What ssh (OpenSSH 7 to 10) prints → the key of `ssh` to look at, and what to do.

In this order: a changed host key is also a failed verification, an unusable private key a refused one.
"""


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


def explain(settings: SshSettings, printed: str) -> Problem:
    """Return what is wrong, in ssh's own words, and what to do about it."""
    host, port = settings.host, settings.port or _DEFAULT_PORT
    login = f"{settings.user}@{host}" if settings.user else host
    option = f" -p {port}" if port != _DEFAULT_PORT else ""
    identity = f" -i {shlex.quote(settings.key)}" if settings.key else ""
    known_hosts = shlex.quote(settings.known_hosts) if settings.known_hosts else ""
    try_it = f"ssh{option}{identity} {login}"
    otherwise = "", "", f"make this work: {try_it} head {settings.file}; or {OVERRIDE}"
    found = next((advice for advice in _ADVICE if re.search(advice[0], printed)), None)
    pattern, key, fix = found or otherwise
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    matching = [line for line in lines if found and re.search(pattern, line)]
    words = {
        "host": host,
        "login": login,
        "option": option,
        "key": shlex.quote(settings.key or "KEY"),
        "try_it": try_it,
        "scan": f"ssh-keyscan{option} {host} >> {known_hosts or '~/.ssh/known_hosts'}",
        "known_name": shlex.quote(f"[{host}]:{port}") if port != _DEFAULT_PORT else host,
        "of_file": f" -f {known_hosts}" if known_hosts else "",
    }
    return Problem(
        (*PATH, key) if key else PATH,
        f"the hosts file {settings.file} of {host} cannot be read: "
        + " / ".join(matching or lines[-2:])[:_LONGEST],
        NEEDED,
        fix.format_map(words) if found else fix,
    )


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
