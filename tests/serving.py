"""A server of a test, which serves beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Event, Thread


@contextmanager
def serving_in_a_thread(server: BaseServer) -> Iterator[None]:
    """Let a server answer meanwhile, and close it afterwards."""
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def again_and_again(look: Callable[[], object], pause: float) -> Iterator[None]:
    """Call `look` meanwhile, with so many seconds between two calls."""
    over = Event()

    def work() -> None:
        while not over.wait(pause):
            look()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
