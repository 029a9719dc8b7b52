"""The process in the private namespaces: a registry by address, containerd, and pulls by name.

`python -m tests.tools.containerd.inside FOLDER IMAGE` pulls with the hosts.toml files in FOLDER/certs.d and
without, and prints both outcomes as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from pyroute2 import IPRoute

from tests.tools.containerd.registry import serve

ADDRESS, PORT = "192.168.1.7", 5000
_CONFIG = """\
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{folder}/containerd.sock"
[ttrpc]
  address = "{folder}/containerd.sock.ttrpc"
"""
_SECONDS = 30.0


def main(folder: Path, image: str) -> None:
    """Pull twice, and print what came of it."""
    with IPRoute() as routes:
        (lo,) = routes.link_lookup(ifname="lo")
        routes.link("set", index=lo, state="up")
        routes.addr("add", index=lo, address=ADDRESS, prefixlen=32)
    (folder / "config.toml").write_text(_CONFIG.format(folder=folder), encoding="utf-8")
    serve(ADDRESS, PORT)
    with (folder / "containerd.log").open("wb") as log:
        daemon = subprocess.Popen(
            ["containerd", "--config", str(folder / "config.toml")], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            told = {"hosts.toml": _pull(folder, image, "--hosts-dir", str(folder / "certs.d"))}
            _ctr(folder, "image", "remove", image)
            told["without"] = _pull(folder, image, "--plain-http")
        finally:
            daemon.terminate()
            daemon.wait(_SECONDS)
    sys.stdout.write(json.dumps(told))


def _pull(folder: Path, image: str, *options: str) -> tuple[int, str]:
    end = time.monotonic() + _SECONDS
    while True:
        done = _ctr(folder, "image", "pull", "--snapshotter", "native", *options, image)
        printed = done.stdout + done.stderr
        if "containerd.sock" not in printed or time.monotonic() > end:  # it is still starting
            return done.returncode, printed
        time.sleep(0.2)


def _ctr(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["ctr", "--address", str(folder / "containerd.sock"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
