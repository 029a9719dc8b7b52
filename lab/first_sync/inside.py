"""The process in the private namespaces: `python -m lab.first_sync.inside <folder>`.

It serves the site on a socket in the folder until its standard input is closed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from lab.errors import LabError
from lab.first_sync.addresses import furnish
from lab.first_sync.namespace import KEY_VARIABLE, SERVER_SOCKET, SOCKET, SiteManager
from lab.first_sync.pods import SERVER
from lab.first_sync.relay import relay_into
from lab.first_sync.site import FirstSync


def serve(folder: Path) -> None:
    """Serve the site; returns when it is stopped and its files are gone."""
    furnish(folder)
    site = FirstSync(folder)
    SiteManager.register("site", callable=lambda: site)
    server = SiteManager(str(folder / SOCKET), os.environ.pop(KEY_VARIABLE).encode()).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address, _, port = SERVER.partition(":")
    try:
        with relay_into(folder / SERVER_SOCKET, address, int(port)):
            sys.stdin.buffer.read()
    finally:
        with contextlib.suppress(LabError):  # what does not end is killed next
            site.stop()
        kill_the_rest()
        shutil.rmtree(folder, ignore_errors=True)


def kill_the_rest() -> None:
    """Kill what still runs in this process namespace, such as an engine whose user is gone; wait for its end.

    Only the first process of a namespace does that: everything else in it ends with that process anyway.
    """
    if os.getpid() != 1:
        return
    with contextlib.suppress(ChildProcessError):
        while True:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            os.waitpid(-1, 0)  # whose parent is killed is this process's child; it may have started another


def main() -> None:
    """Serve the site of the folder that the command line names."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    serve(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
