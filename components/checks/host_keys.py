"""Whether Argo CD knows the host key of each SSH server, at the port that a repository names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from components.projects.application import Application
from components.settings import Settings
from components.stackfile.problems import Problem
from components.stackfile.urls import repository_host

_SSH = 22


def host_key_problems(settings: Settings, applications: Sequence[Application]) -> Iterator[Problem]:
    """Yield a problem for the first server whose host key is for another port than a repository uses."""
    lines = settings.argocd.ssh_known_hosts
    names = [(name, number) for number, line in enumerate(lines) for name in _names(line)]
    for host, port, url in _servers(settings, applications):
        address = host if port == _SSH else f"[{host}]:{port}"
        is_known = any(name.startswith("|") or fnmatchcase(address, _pattern(name)) for name, _ in names)
        others = [(name, number) for name, number in names if _bare(name) == host]
        if others and not is_known:
            name, number = others[0]
            asks = f"port {port}" if port != _SSH else "the usual port"
            yield Problem(
                ("argocd", "sshKnownHosts", number),
                f"the host key is for {name}, and {url} asks {asks}",
                "SSH looks a key up by host and port together, so that Argo CD would refuse the server",
                f'write "{" ".join([address, *lines[number].split()[1:]])}"',
            )
            return


def _servers(settings: Settings, applications: Sequence[Application]) -> Iterator[tuple[str, int, str]]:
    """Yield host, port and URL of everything that is reached by SSH."""
    urls = [repository.url for application in applications for repository in application.repositories]
    for url in dict.fromkeys([*urls, *(entry.url for entry in settings.repositories.values())]):
        host = repository_host(url)
        is_short = "://" not in url and "@" in url
        try:
            port = None if is_short else urlsplit(url).port
        except ValueError:  # not a port
            continue
        if host and (is_short or url.lower().startswith("ssh://")):
            yield host, port or _SSH, url


def _names(line: str) -> list[str]:
    """Return what a line of a known_hosts file is for; a marker such as `@revoked` stands before it."""
    words = line.split()
    return words[line.startswith("@")].split(",")


def _bare(name: str) -> str:
    return name.partition("]")[0].removeprefix("[").lower()


def _pattern(name: str) -> str:
    """Return a name so that its brackets are compared as they are."""
    return name.lower().replace("[", "[[]")
