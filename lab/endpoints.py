"""Where each server of the lab listens: on free ports of the loopback network, the same at every start.

The same ports again means that a kubeconfig which a shell holds, or an address in a note, stays right.
"""

from __future__ import annotations

import errno
import json
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

# Below the range from which Linux takes ports for outgoing connections (32768 and up): a port chosen
# here is not taken by such a connection in the moment before the program listens on it.
_FIRST, _LAST = 20000, 29999
_ATTEMPTS = 200


@dataclass(frozen=True, order=True)
class Endpoint:
    """An address with a port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


def free_port(address: str = "127.0.0.1", preferred: int | None = None) -> int:
    """Return a port of `address` that is free for UDP and TCP: `preferred` if possible.

    Raises:
        LabError: this machine does not answer on that address, or nothing is free.
    """
    if preferred and _is_free(address, preferred):
        return preferred
    for _ in range(_ATTEMPTS):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST + 1)
        if _is_free(address, port):
            return port
    raise LabError(
        f"No port of {address} between {_FIRST} and {_LAST} is free; stop something and try again."
    )


def _is_free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # Connections of the previous run that are still closing do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise LabError(
                        f"This machine does not answer on {address}. The lab needs Linux, where the whole of "
                        "127.0.0.0/8 is the machine itself."
                    ) from None
                return False
    return True


class Endpoints:
    """The endpoints of one lab, by the name of what listens there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._endpoints = _read(file)

    def choose(self, addresses: Mapping[str, str], fixed: Mapping[str, Endpoint] | None = None) -> None:
        """Choose a free port for each name; `addresses` says on which address it has to be free.

        What is `fixed` is taken as it is: in a network of its own, nobody else listens there.
        """
        before, chosen = self._endpoints, dict(fixed or {})
        taken = set[int]()
        for name, address in addresses.items():
            port = free_port(address, before[name].port if name in before else None)
            while port in taken:
                port = free_port(address)
            taken.add(port)
            chosen[name] = Endpoint(address, port)
        self._endpoints = chosen
        text = json.dumps({name: [one.address, one.port] for name, one in chosen.items()}, indent=2)
        self._file.write_text(text, encoding="utf-8")

    def __getitem__(self, name: str) -> Endpoint:
        return self._endpoints[name]


def _read(file: Path) -> dict[str, Endpoint]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): Endpoint(str(address), int(port)) for name, (address, port) in kept.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}  # ports can always be chosen anew
