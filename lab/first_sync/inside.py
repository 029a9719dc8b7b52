"""The process in the private namespaces: `python -m lab.first_sync.inside <folder>`.

It serves the site on a socket in the folder until its standard input is closed.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from pathlib import Path

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
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    serve(Path(sys.argv[1]))
