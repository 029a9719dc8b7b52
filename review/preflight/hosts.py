"""The rows about repository hosts: whether each resolves on this machine, and takes connections."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from functools import partial
from urllib.parse import urlsplit

from components.projects.application import Application, Repository
from review.preflight.rows import Check
from tools.command_line import Mark, Row

_PORTS = {"http": 80, "https": 443, "ssh": 22, "git": 9418, "oci": 443}
_NOT_HERE = "that is no mistake: Argo CD must reach it, not this machine"


def host_checks(applications: Iterable[Application], purpose: str, seconds: float) -> Iterator[Check]:
    """Yield a check for each host and port of the Applications' repositories, in their order."""
    wrong = Mark.FAILED if purpose == "up" else Mark.WARNING
    found = [_place(one) for application in applications for one in application.repositories if one.host]
    for host, port in dict.fromkeys(filter(None, found)):
        what = f"host {host}:{port}"
        yield Check(what, partial(_look, what, host, port, wrong, seconds), _NOT_HERE, Mark.WARNING)


def _place(repository: Repository) -> tuple[str, int] | None:
    """Return host and port; None for an address that is none, which the settings tell."""
    url = repository.url
    url = f"oci://{url}" if repository.is_registry else url if "://" in url else "ssh://"  # git@host:path
    try:
        parts = urlsplit(url)
        return repository.host, parts.port or _PORTS[parts.scheme.lower()]
    except (ValueError, KeyError):
        return None


def _look(what: str, host: str, port: int, wrong: Mark, seconds: float) -> list[Row]:
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except ConnectionRefusedError:
        fix = f"start the server, or correct the port in the URL of the repository on {host}"
        return [Row(wrong, what, "it refuses connections", fix)]
    except socket.gaierror as error:
        seen = f"the name does not resolve here ({error.strerror})"
    except (OSError, UnicodeError) as error:
        reason = "it does not answer" if isinstance(error, TimeoutError) else str(error)
        seen = f"it cannot be reached from here ({reason})"
    else:
        return [Row(Mark.OK, what, "it takes connections")]
    return [Row(Mark.WARNING, what, f"{seen}; {_NOT_HERE}")]
