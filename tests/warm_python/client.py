"""What the engine starts as Python: it lets the server fork one, passes on signals, and ends like that one.

`python -ISE client.py <socket> <arguments of python>`. It imports as little as it can.
"""

import marshal
import os
import signal
import socket
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))  # noqa: PTH120 - pathlib costs 10 ms


def is_known(arguments: list[str]) -> bool:
    """Tell whether the server has imported what a command needs."""
    if "PYTHONPATH" in os.environ:
        return False
    if arguments[:2] == ["-m", "pip"]:
        return True
    is_engine = arguments[:3] == ["-u", "-m", "pulumi.dynamic"] or any(
        argument.endswith("/pulumi-language-python-exec") for argument in arguments[:2]
    )
    return is_engine and os.path.realpath("components") == f"{ROOT}/components"


def main(path: str, arguments: list[str]) -> None:
    """Run a Python with `arguments`."""
    if not is_known(arguments):
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - it becomes what was asked for
    request = {"folder": os.getcwd(), "environment": dict(os.environ), "arguments": arguments}  # noqa: PTH109 - as above
    body = marshal.dumps(request)  # json costs another 10 ms
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: server.sendall(bytes([number])))
        streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("3i", 0, 1, 2))]
        server.sendmsg([struct.pack("!I", len(body))], streams)  # send_fds costs another 8 ms
        server.sendall(body)
        code = server.recv(1)
    if not code:  # something has killed it
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(code[0])


main(sys.argv[1], sys.argv[2:])
