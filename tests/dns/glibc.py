"""Let glibc itself read a hosts file: in a mount namespace where that is /etc/hosts and no DNS is asked."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_FILES = {"hosts": "", "nsswitch.conf": "hosts: files\n", "host.conf": "multi on\n"}
_NO_NAMESPACE = (
    "no mount namespace with glibc can be had here, so hosts files are not compared with glibc's reading"
)
# One process for all questions: it reads a line (file, names) and answers with a line.
_ASK = """
import json, socket, sys

def addresses(name, family):
    try:
        return sorted({answer[4][0] for answer in socket.getaddrinfo(name, None, family, socket.SOCK_STREAM)})
    except (socket.gaierror, UnicodeError):
        return []

print("ready", flush=True)
for line in sys.stdin:
    text, names = json.loads(line)
    with open("/etc/hosts", "wb") as file:
        file.write(text.encode())
    found = {name: [addresses(name.encode(), f) for f in (socket.AF_INET, socket.AF_INET6)] for name in names}
    print(json.dumps(found), flush=True)
"""

Answers = dict[str, tuple[list[str], list[str]]]
"""Name → its IPv4 and its IPv6 addresses."""


class Glibc:
    """The process in the namespace."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, text: str, names: Sequence[str]) -> Answers:
        """Return what glibc finds for `names` with `text` as hosts file."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("the process has no pipes")
        self._process.stdin.write(json.dumps([text, names]) + "\n")
        self._process.stdin.flush()
        answers: Answers = json.loads(self._process.stdout.readline())
        return answers


@contextmanager
def glibc(folder: Path) -> Iterator[Glibc]:
    """Start the process; skip where it cannot run."""
    for name, content in _FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    # Where a file does not exist there is nothing to mount over: glibc's defaults do then.
    mounts = " && ".join(f"{{ [ ! -e /etc/{name} ] || mount --bind {name} /etc/{name}; }}" for name in _FILES)
    options = "-m" if os.geteuid() == 0 else "-Urm"
    command = ["unshare", options, "sh", "-c", f'{mounts} && exec "$0" -c "$1"', sys.executable, _ASK]
    if platform.libc_ver()[0] != "glibc":
        pytest.skip(_NO_NAMESPACE)
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    except OSError:
        pytest.skip(_NO_NAMESPACE)
    with process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            pytest.skip(_NO_NAMESPACE)
        yield Glibc(process)
