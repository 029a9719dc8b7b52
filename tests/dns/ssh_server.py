"""A real SSH server on loopback, for the user who runs the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from components.dns.hosts.section import SshSettings
from lab.endpoints import free_port

ADDRESS = "127.0.0.1"
_SSHD = shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
_USER = pwd.getpwuid(os.geteuid())
_NO_SERVER = "no SSH server is installed (on Debian: openssh-server), so SSH is not tried for real"
_NO_SHELL = "this user has no shell to log in with, so SSH is not tried for real"
_SECONDS = 15.0


class SshServer:
    """The server, and how one logs in.

    Args:
        folder: where its keys and its log are.
        port: where it listens.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.folder = folder
        self.host_key = make_key(folder / "host_key")
        self.key = make_key(folder / "user_key")
        self.known_hosts = folder / "known_hosts"
        self.knows(self.host_key)

    def knows(self, host_key: Path) -> None:
        """Write `host_key` as the server's into the file of known hosts."""
        public = host_key.with_suffix(".pub").read_text(encoding="utf-8")
        self.known_hosts.write_text(f"[{ADDRESS}]:{self.port} {public}", encoding="utf-8")

    def section(self, **changes: Any) -> dict[str, Any]:
        """Return the section `dns.hosts.ssh` for this server, with `changes`."""
        return {
            "host": ADDRESS,
            "user": _USER.pw_name,
            "port": self.port,
            "key": str(self.key),
            "knownHosts": str(self.known_hosts),
            **changes,
        }

    def settings(self, **changes: Any) -> SshSettings:
        return SshSettings.model_validate(self.section(**changes))


def make_key(path: Path) -> Path:
    """Make a pair of keys and return the private one's file."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return path


@contextmanager
def ssh_server(folder: Path, *options: str) -> Iterator[SshServer]:
    """Run a server with `options` added to its configuration; skip where there can be none."""
    if _SSHD is None or not shutil.which("ssh"):
        pytest.skip(_NO_SERVER)
    if Path(_USER.pw_shell).name in {"nologin", "false"}:
        pytest.skip(_NO_SHELL)
    server = SshServer(folder, free_port(ADDRESS))
    config = folder / "sshd_config"
    lines = [
        *options,
        f"ListenAddress {ADDRESS}",
        f"Port {server.port}",
        f"HostKey {server.host_key}",
        f"AuthorizedKeysFile {server.key}.pub",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PidFile none",
    ]
    config.write_text("\n".join([*lines, ""]), encoding="utf-8")
    if os.geteuid() == 0:  # where a server of root puts its unprivileged part
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen(
            [_SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait(server: SshServer, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError), socket.create_connection((ADDRESS, server.port), timeout=1):
            return
        time.sleep(0.05)
    log = (server.folder / "sshd.log").read_text(encoding="utf-8", errors="replace")
    pytest.fail(f"the SSH server does not listen: {log}")
