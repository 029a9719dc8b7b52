"""Let a program outside the private network reach a server in it, by a socket file that both can see."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

_CHUNK = 1 << 16
_Accepted = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_Serve = Callable[[_Accepted], Awaitable[asyncio.Server]]
_Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@contextlib.contextmanager
def relay_into(socket: Path, address: str, port: int) -> Iterator[None]:
    """Lead whoever connects to the file `socket` to the server at `address` and `port`."""
    with _relay(
        lambda accepted: asyncio.start_unix_server(accepted, socket),
        lambda: asyncio.open_connection(address, port),
    ):
        yield


@contextlib.contextmanager
def relay_out_of(socket: Path, address: str = "127.0.0.1") -> Iterator[int]:
    """Lead whoever connects to the port of `address` that is yielded to the file `socket`."""
    with _relay(
        lambda accepted: asyncio.start_server(accepted, address, 0),
        lambda: asyncio.open_unix_connection(socket),
    ) as server:
        yield int(server.sockets[0].getsockname()[1])


@contextlib.contextmanager
def _relay(serve: _Serve, connect: _Connect) -> Iterator[asyncio.Server]:
    """Serve in a thread of its own until the context ends; connections that are open then are closed."""
    began = Future[tuple[asyncio.Server, Callable[[], object]]]()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closing(writer):
            with contextlib.suppress(OSError):
                there_reader, there_writer = await connect()
                async with _closing(there_writer):
                    await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))

    async def main() -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        try:
            server = await serve(accepted)
        except OSError as error:
            began.set_exception(error)
            return
        began.set_result((server, lambda: loop.call_soon_threadsafe(over.set)))
        await over.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    server, end = began.result()
    try:
        yield server
    finally:
        end()
        thread.join()


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
