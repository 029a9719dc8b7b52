"""The rows about repository hosts: whether each resolves on this machine, and answers at its port."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from components.projects.declared import DeclaredApplication, Repository
from review.preflight.looking import Check
from review.preflight.rows import Mark, Row

Resolve = Callable[[str, int], Sequence[str]]
"""Takes a host and a port, returns addresses; raises OSError where the host does not resolve."""

_PORTS = {"http": 80, "https": 443, "ssh": 22, "git": 9418, "oci": 443}
_NOT_HERE = "that is no mistake: Argo CD must reach it, not this machine"


@dataclass(frozen=True)
class Door:
    """Where a repository is reached."""

    host: str
    port: int
    scheme: str
    """`http`, `https`, `ssh`, `git` or `oci`: who has to speak first, and how."""


def doors(applications: Iterable[DeclaredApplication]) -> list[Door]:
    """Return every distinct host and port of the Applications' repositories, in their order."""
    found = (_door(one) for application in applications for one in application.repositories if one.host)
    return list({(door.host, door.port): door for door in found if door}.values())


def _door(repository: Repository) -> Door | None:
    try:
        if repository.is_registry:
            authority = repository.url.partition("/")[0]
            parts, scheme = urlsplit(f"oci://{authority}"), "oci"
        elif "://" in repository.url:
            parts = urlsplit(repository.url)
            scheme = parts.scheme.lower()
        else:  # git@git.protobox:group/project.git
            parts, scheme = urlsplit(""), "ssh"
        return Door(repository.host, parts.port or _PORTS[scheme], scheme)
    except (ValueError, KeyError):
        return None


def host_checks(
    applications: Iterable[DeclaredApplication], purpose: str, seconds: float, resolve: Resolve | None = None
) -> list[Check]:
    """Return a check for each repository host.

    Args:
        applications: the stack's Applications.
        purpose: `preview`, for which a server that is down is only worth a warning, or `up`.
        seconds: how long each may take; most of it is for the name's resolution.
        resolve: resolves names; this machine's own resolver by default.
    """
    wrong = Mark.FAILED if purpose == "up" else Mark.WARNING
    return [_check(door, wrong, seconds, resolve or _resolve) for door in doors(applications)]


def _check(door: Door, wrong: Mark, seconds: float, resolve: Resolve) -> Check:
    what = _named(door)
    # A connection and an answer are waited for in bounded time, so what is late is the resolver.
    late = Row(Mark.WARNING, what, f"the name did not resolve here within {seconds:g} s; {_NOT_HERE}")
    return Check(what, lambda: _look(door, wrong, seconds / 4, resolve), seconds, late)


def _named(door: Door) -> str:
    return f"host {door.host}:{door.port}"


def _look(door: Door, wrong: Mark, seconds: float, resolve: Resolve) -> Row:
    """Look at a host; `wrong` is the mark of a server that refuses, or speaks something else."""
    what = _named(door)
    try:
        addresses = resolve(door.host, door.port)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Row(Mark.WARNING, what, f"the name does not resolve here ({reason}); {_NOT_HERE}")
    named = door.host if door.host in addresses else f"{door.host} ({', '.join(addresses)})"
    fix = f"start the server, or correct the port in the URL of the repository on {door.host}"
    try:
        connection = _connect(addresses, door.port, seconds)
    except ConnectionRefusedError:
        return Row(wrong, what, f"{named} refuses connections at port {door.port}", fix)
    except OSError as error:
        reason = (
            f"not within {seconds:g} s" if isinstance(error, TimeoutError) else error.strerror or str(error)
        )
        seen = f"{named} cannot be reached from here at port {door.port} ({reason}); {_NOT_HERE}"
        return Row(Mark.WARNING, what, seen)
    with connection:
        try:
            _speak(connection, door)
        except TimeoutError:
            # It may only be busy.
            seen = (
                f"{named} takes the connection at port {door.port}, but did not answer within {seconds:g} s"
            )
            return Row(Mark.WARNING, what, seen, fix)
        except OSError as error:
            seen = f"{named} does not speak {door.scheme} at port {door.port}: {error.strerror or error}"
            return Row(wrong, what, seen, fix)
    return Row(Mark.OK, what, f"{named} answers")


def _connect(addresses: Sequence[str], port: int, seconds: float) -> socket.socket:
    """Return a connection to the first of the addresses that takes one, within `seconds` for all of them."""
    failure = OSError("it has no address")
    for address in addresses:
        try:
            connection = socket.create_connection((address, port), timeout=seconds / len(addresses))
        except OSError as error:
            failure = error
        else:
            connection.settimeout(seconds)
            return connection
    raise failure


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _speak(connection: socket.socket, door: Door) -> None:
    """Wait for the first sign of a server that speaks as it should; the certificate is Argo CD's to judge.

    Raises:
        OSError: it does not; TimeoutError: it says nothing.
    """
    if door.scheme in {"https", "oci"}:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(connection, server_hostname=door.host):
            return
    if door.scheme == "git":  # speaks only when it is asked for a repository
        return
    if door.scheme == "http":
        connection.sendall(f"HEAD / HTTP/1.0\r\nHost: {door.host}\r\n\r\n".encode("ascii", "replace"))
    if not connection.recv(1):
        raise ConnectionError("it closes the connection")
