"""A server in the private network, reached from outside through a file."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.first_sync.relay import relay_into, relay_out_of


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while chunk := self.request.recv(1 << 16):
                self.request.sendall(chunk)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def _send(client: socket.socket, data: bytes) -> None:
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)


def test_both_directions_are_led_through_whole(echo: int, tmp_path: Path) -> None:
    sent = bytes(range(256)) * 2000
    with relay_into(tmp_path / "sock", "127.0.0.1", echo), relay_out_of(tmp_path / "sock") as port:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                sender = threading.Thread(target=_send, args=(client, sent))
                sender.start()
                got = b""
                while chunk := client.recv(1 << 16):
                    got += chunk
                sender.join()
            assert got == sent


def test_a_server_that_is_not_there_ends_the_connection_and_not_the_relay(tmp_path: Path) -> None:
    with relay_out_of(tmp_path / "sock") as port:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                assert client.recv(1) == b""


def test_an_open_connection_does_not_keep_the_relay_from_ending(echo: int, tmp_path: Path) -> None:
    with relay_into(tmp_path / "sock", "127.0.0.1", echo), relay_out_of(tmp_path / "sock") as port:
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        client.sendall(b"half")
        assert client.recv(4) == b"half"
    with client:
        assert client.recv(1) == b""
