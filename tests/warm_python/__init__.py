"""A Python for the engine's many short runs that has imported already what they will need.

For one preview the engine starts Python three times: pip's list for the language host, the program, and the
dynamic provider. Of the 3.4 s of processor time that a preview of the page's stack takes on two busy cores,
2 s are imports; the tests run more than a thousand of them. Here each of the three is forked from a process
that has imported everything. What runs is what always runs: the real language host, the SDK's own scripts,
the same interpreter. Only pip's list is made once, since nothing is installed meanwhile. A program with other
components beside it than those of this repository gets a fresh Python, and so does what is no part of an
engine's run. `make up`, `make demo`, the jobs for GitLab and the bundle are tested without this.
"""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.local_stack import ROOT

_NAMES = ("python", "python3")
_SCRIPT = """#!/bin/sh
[ "$1" != --version ] || exec {python} --version
case "$*" in
"-m pip list "*)
  list={kept}/"$*"
  [ -e "$list" ] || {{ {warm} "$@" > "$list.$$" && mv "$list.$$" "$list"; }} || exit
  exec cat "$list"
  ;;
esac
exec {warm} "$@"
"""


@contextmanager
def warm_python(folder: Path) -> Iterator[Path]:
    """Make of `folder` a virtual environment like this one, and yield it; meanwhile its Python is warm."""
    (folder / "bin").mkdir()
    for program in (Path(sys.prefix) / "bin").iterdir():
        if program.name not in _NAMES:
            (folder / "bin" / program.name).symlink_to(program)
    path = folder / "socket"
    python = shlex.quote(sys.executable)
    client = shlex.join([str(Path(__file__).with_name("client.py")), str(path)])
    for name in _NAMES:
        script = folder / "bin" / name
        kept, warm = shlex.quote(str(folder)), f"{python} -ISE {client}"
        script.write_text(_SCRIPT.format(python=python, kept=kept, warm=warm), encoding="utf-8")
        script.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(64)  # who comes before everything is imported waits
        command = [sys.executable, "-m", "tests.warm_python.server", str(listening.fileno())]
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
    with server:
        yield folder
        assert server.stdin
        server.stdin.close()
