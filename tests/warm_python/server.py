"""Imports what a program of this repository needs, and forks a Python for each client that asks for one.

`python -m tests.warm_python.server <number of the open socket>`. It ends with its standard input.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import marshal
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!I")
_IMPORTED = (
    "anyio._backends._asyncio",
    "argparse",
    "grpc._channel",
    "grpc._server",
    "grpc.experimental",
    "pip._internal.cli.main",
    "pip._internal.commands.list",
    "pip._internal.metadata.importlib",
    "pip._internal.metadata.pkg_resources",
    "pulumi.dynamic.dynamic",
    "pulumi.runtime.proto.provider_pb2_grpc",
    "pulumi_kubernetes.meta.v1",
)
_KILLED = 137


def serve(listening: socket.socket) -> None:
    """Import everything, and fork until standard input is closed."""
    import components  # noqa: PLC0415 - this takes a while

    for name in (
        *_IMPORTED,
        *(found.name for found in pkgutil.walk_packages(components.__path__, "components.")),
    ):
        if not name.endswith("__main__"):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is never looked at again is never copied in a child
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the tests
    while True:
        ready, _, _ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        client, _ = listening.accept()
        with client, suppress(OSError):
            request, streams = _request(client)
            if os.fork() == 0:
                listening.close()
                _become(client, request, streams)
            for stream in streams:
                os.close(stream)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _request(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return what a client asks for, and its standard streams."""
    head, streams, _, _ = socket.recv_fds(client, _LENGTH.size, 3)
    (length,) = _LENGTH.unpack(head)
    with client.makefile("rb") as rest:
        return marshal.loads(rest.read(length)), streams  # noqa: S302 - from our own client


def _become(client: socket.socket, request: dict[str, Any], streams: list[int]) -> None:
    """Be the Python that a client has asked for, to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding="utf-8")  # noqa: SIM115 - open to the end
    for number, name in ((1, "stdout"), (2, "stderr")):
        raw = open(number, "wb", buffering=0, closefd=False)  # noqa: SIM115 - open to the end
        setattr(sys, name, io.TextIOWrapper(raw, encoding="utf-8", write_through=True))
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    threading.Thread(target=_follow, args=(client,), daemon=True).start()
    code = _run([argument for argument in request["arguments"] if argument != "-u"])
    with suppress(BaseException):  # as at the end of any Python: threads, what is registered, streams
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
        atexit._run_exitfuncs()  # noqa: SLF001 - no public way
    with suppress(OSError):
        client.sendall(bytes([code & 0xFF]))
    os._exit(code)


def _follow(client: socket.socket) -> None:
    """Take the client's signals; end as soon as somebody kills it."""
    while number := client.recv(1):
        signal.pthread_kill(threading.main_thread().ident or 0, number[0])
    os._exit(_KILLED)


def _run(arguments: list[str]) -> int:
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            sys.path[0] = str(Path.cwd())
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            sys.path[0] = str(Path(arguments[0]).resolve().parent)
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - a Python ends with any
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
