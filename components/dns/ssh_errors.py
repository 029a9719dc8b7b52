"""What is told when another machine's hosts file cannot be read over SSH."""

from __future__ import annotations

import re
import shlex

from components.dns.ssh_failures import BY_CODE, FAILURES, OTHERWISE, Failure
from components.settings import Problem, SshSettings
from components.settings.base import PROJECT

PATH = ("dns", "hosts", "ssh")
_SSH_FAILED = 255
_DEFAULT_PORT = 22
_MAX_SAID = 300


def label(settings: SshSettings) -> str:
    """Return how messages name the file: `supervisor-1:/etc/hosts`."""
    return f"{settings.host}:{settings.file}"


def no_ssh(settings: SshSettings) -> Problem:
    """Return the problem that this machine has no ssh."""
    return Problem(
        PATH,
        "there is no command `ssh` on the machine that runs Pulumi",
        f"it reads {label(settings)}",
        "install OpenSSH's client (on Debian: apt-get install openssh-client), or copy the file to this "
        f"machine and name it in {PROJECT}:dns.hosts.file",
    )


def explain(settings: SshSettings, code: int, printed: str) -> Problem:
    """Return what went wrong, from ssh's exit code and what it printed besides the file."""
    failure = BY_CODE.get(code, OTHERWISE)
    if code == _SSH_FAILED:
        failure = next((one for one in FAILURES if re.search(one.said, printed)), failure)
    told = {
        name: getattr(failure, name).format_map(_words(settings, code, printed, failure))
        for name in ("what", "why", "fix")
    }
    return Problem((*PATH, failure.key) if failure.key else PATH, **told)


def _words(settings: SshSettings, code: int, printed: str, failure: Failure) -> dict[str, object]:
    host, port = settings.host, settings.port or _DEFAULT_PORT
    login = f"{settings.user}@{host}" if settings.user else host
    option = f" -p {port}" if port != _DEFAULT_PORT else ""
    identity = f" -i {shlex.quote(settings.key)}" if settings.key else ""
    known_hosts = shlex.quote(settings.known_hosts) if settings.known_hosts else ""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    matching = [line for line in lines if failure.said and re.search(failure.said, line)]
    said = " / ".join(matching or lines[-2:])[:_MAX_SAID]
    return {
        "code": code,
        "said": said,
        "and_says": f" and says: {said}" if said else "",
        "host": host,
        "port": port,
        "file": settings.file,
        "key": shlex.quote(settings.key) if settings.key else "KEY",
        "user": settings.user or "the user that runs Pulumi",
        "login": login,
        "option": option,
        "try_it": f"ssh{option}{identity} {login}",
        "scan": f"ssh-keyscan{option} {host} >> {known_hosts or '~/.ssh/known_hosts'}",
        "known_name": shlex.quote(f"[{host}]:{port}") if port != _DEFAULT_PORT else host,
        "of_file": f" -f {known_hosts}" if known_hosts else "",
    }
