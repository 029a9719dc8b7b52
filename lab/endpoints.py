"""Choose free ports on the loopback network, and keep to them when the lab starts again.

The same ports again means that a kubeconfig which a shell holds, or an address in a note, stays right.
"""

from __future__ import annotations

import errno
import json
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError

# Below the range from which Linux takes ports for outgoing connections (32768 and up): a port chosen
# here is not taken by such a connection in the moment before the program listens on it.
_FIRST, _LAST = 20000, 29999
_ATTEMPTS = 200
_NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL}


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
                if error.errno in _NO_SUCH_ADDRESS:
                    raise LabError(
                        f"This machine does not answer on {address}. The lab needs Linux, where the whole of "
                        "127.0.0.0/8 is the machine itself."
                    ) from None
                return False
    return True


class Ports:
    """The ports of one lab, by the name of what listens there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ports = _read(file)

    def choose(self, addresses: Mapping[str, str]) -> None:
        """Choose a free port for each name; `addresses` says on which address it has to be free."""
        before, chosen = self._ports, dict[str, int]()
        for name, address in addresses.items():
            port = free_port(address, before.get(name))
            while port in chosen.values():
                port = free_port(address)
            chosen[name] = port
        self._ports = chosen
        self._file.write_text(json.dumps(chosen, indent=2), encoding="utf-8")

    def __getitem__(self, name: str) -> int:
        return self._ports[name]


def _read(file: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text(encoding="utf-8")).items()}
    except (FileNotFoundError, ValueError, AttributeError):
        return {}  # ports can always be chosen anew
