"""Start the site in private namespaces, talk to it from outside, and leave nothing of it behind.

The site is one process in a network, mount and process namespace of its own. It ends, and stops
everything that it started, as soon as its standard input is closed: also when the process that holds
the other end is killed. Should it be killed itself, the kernel kills everything in its namespace.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lab.environment import on_the_site
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.first_sync.site import FirstSync

KEY_VARIABLE = "PROTOBOX_CD_SITE_KEY"
SOCKET, SERVER_SOCKET, ASK_PASS_SOCKET = "site", "server", "ask-pass"
"""The socket files: of the site, of argocd-server, and of argocd-repo-server for Git.

Short names, since the kernel takes no path of a socket over 107 bytes."""
_LONGEST_NAME = max((SOCKET, SERVER_SOCKET, ASK_PASS_SOCKET), key=len)
_LONGEST_PATH = 107
_TEMPORARY = "tmp"  # for all that runs inside, since what is killed there does not clear up after itself
LOG = "site.log"
_UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
_AS_A_USER = [*_UNSHARE, "--user", "--map-root-user"]
_SECONDS_TO_BEGIN = 60.0
_SECONDS_TO_END = 60.0
_LAST_LINES = 12


class SiteManager(BaseManager):
    """The way to the one site of the other process."""


SiteManager.register("site")


def unshare_command() -> list[str]:
    """Return the command before a command that runs it in private namespaces.

    Raises:
        LabError: this machine allows that neither to root nor to a user.
    """
    command = _UNSHARE if os.geteuid() == 0 else _AS_A_USER
    with contextlib.suppress(OSError):
        # Mounting is what AppArmor forbids on some distributions where the namespace itself is allowed.
        trial = [*command, "mount", "--bind", "/etc/hosts", "/etc/hosts"]
        if subprocess.run(trial, check=False, capture_output=True).returncode == 0:
            return command
    raise LabError(
        "The site with the real Argo CD needs a network namespace of its own, and this machine gives none: "
        "run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns=0). `unshare` is in the package util-linux."
    )


@contextlib.contextmanager
def first_sync_site(program: str = "lab.first_sync.inside") -> Iterator[FirstSync]:
    """Start the site and yield it; afterwards no process, namespace, mount or file of it is left.

    `program` is the module that its own process runs.

    Raises:
        LabError: it cannot run on this machine, or did not start.
    """
    command = [*unshare_command(), sys.executable, "-m", program]
    folder = Path(tempfile.mkdtemp(prefix="protobox-"))
    key = secrets.token_hex(16)
    try:
        if len(os.fsencode(folder / _LONGEST_NAME)) > _LONGEST_PATH:
            raise LabError(
                f"The folder for temporary files, {folder.parent}, has too long a name for a socket in it; "
                "set TMPDIR=/tmp and try again."
            )
        (folder / _TEMPORARY).mkdir()
        with (folder / LOG).open("wb") as log:
            inside = subprocess.Popen(
                [*command, folder],
                cwd=Path(__file__).parents[2],
                env=on_the_site() | {KEY_VARIABLE: key, "TMPDIR": str(folder / _TEMPORARY)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal ends this process, which then ends that one
            )
        try:
            yield connect(inside, folder, key)
        finally:
            _end(inside)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connect(inside: subprocess.Popen[bytes], folder: Path, key: str) -> FirstSync:
    """Return the site of the process `inside` as soon as it can be talked to.

    Raises:
        LabError: it has ended, or has not begun in time; the text has the last lines of its log.
    """
    manager = SiteManager(str(folder / SOCKET), key.encode())
    end = time.monotonic() + _SECONDS_TO_BEGIN
    while not _listens(manager):
        if inside.poll() is not None or time.monotonic() > end:
            last = (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
            raise LabError("\n    ".join(["The site's own process did not begin. It said last:", *last]))
        time.sleep(0.05)
    return cast("FirstSync", manager.site())  # type: ignore[attr-defined]


def _listens(manager: SiteManager) -> bool:
    """Connect, and return whether that was possible: the file is there a moment before anybody listens."""
    try:
        manager.connect()
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    return True


def _end(inside: subprocess.Popen[bytes]) -> None:
    if inside.stdin:
        inside.stdin.close()
    try:
        inside.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        inside.kill()  # `--kill-child`: the kernel then kills everything in the namespace
        inside.wait()
