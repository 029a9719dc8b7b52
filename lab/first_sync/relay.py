"""Let a program outside the private network reach a server in it, by a socket file that both can see."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

_CHUNK = 1 << 16
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_Serve = Callable[
    [Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[asyncio.Server]
]


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
def _relay(serve: _Serve, connect: Callable[[], Awaitable[_Streams]]) -> Iterator[asyncio.Server]:
    """Serve in a thread of its own until the context ends."""

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            there_reader, there_writer = await connect()
            with contextlib.closing(there_writer):
                await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server: asyncio.Server = asyncio.run_coroutine_threadsafe(_awaited(serve(accepted)), loop).result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_finish(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _awaited(server: Awaitable[asyncio.Server]) -> asyncio.Server:
    return await server


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _finish(server: asyncio.Server) -> None:
    server.close()
    mine = asyncio.current_task()
    open_connections = [task for task in asyncio.all_tasks() if task is not mine]
    for task in open_connections:
        task.cancel()
    await asyncio.gather(*open_connections, return_exceptions=True)
