"""Call the Go client so that it does the same on every machine, and follow what it does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.errors import LabError
from lab.programs.catalogue import Binary, Source

_OLDEST_GO = (1, 21)  # the first that fetches the newer toolchain which a go.mod asks for
_DOWNLOADING = re.compile(r"^go: downloading (\S+) (\S+)")
_PACKAGE = re.compile(r"^[\w.~/-]+$")
_FLAGS = (
    "-mod=readonly",
    "-buildvcs=false",
    "-v",
    # Nothing inlined and nothing for debuggers halves the compiler's time: k8s.io/api/core/v1 8.1 -> 4.2 s,
    # its validation 4.5 -> 1.4 s. Not in the standard library: there it saves 7 s, and an API server would
    # have a quarter more work with each `up`.
    "-gcflags=all=-l -dwarf=false",
    "-gcflags=std=-dwarf=false",
)
Doing = Callable[..., object]
"""Called with what is done now, and with how many packages are compiled and how many there are."""


class GoClient:
    """The `go` command in the folder of one of our modules.

    Args:
        source: the module.
        log: where to write all that the command prints.
        doing: told what it does.
    """

    def __init__(self, source: Source, log: Path, doing: Doing) -> None:
        self.source = source
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        self._doing = doing
        self._running: subprocess.Popen[str] | None = None
        self._environment = os.environ | {
            # A go.work or GOFLAGS of the user's own work must not change what is built here. Fedora's package
            # and the official images set GOTOOLCHAIN=local: an older Go then does not fetch the one it needs.
            "GOTOOLCHAIN": "auto",
            "GOWORK": "off",
            "GOFLAGS": "",
            "CGO_ENABLED": "0",
            "GOGC": "400",  # for the compiler, which is over in a second and need not collect its garbage
        }

    def require(self) -> None:
        """Check that there is a Go client that can do this.

        Raises:
            LabError: there is none, or it is too old.
        """
        if not shutil.which("go"):
            raise LabError(
                "The lab builds its programs with Go, and there is no `go` command on PATH. "
                "Install Go 1.26 or newer (your distribution's package `golang`, or go.dev/dl), "
                "open a new terminal and run `python -m lab build` again."
            )
        version = subprocess.run(
            ["go", "env", "GOVERSION"], capture_output=True, text=True, check=False
        ).stdout
        found = re.match(r"go(\d+)\.(\d+)", version)
        if found and (int(found[1]), int(found[2])) < _OLDEST_GO:
            raise LabError(
                f"This machine's Go is {version.strip()}, which is too old to build the lab's programs. "
                "Install Go 1.26 or newer."
            )

    def packages(self, binaries: Sequence[Binary]) -> int:
        """Download what `binaries`, which are programs of the module, need; return how many packages."""
        total = 0

        def count(line: str) -> None:
            nonlocal total
            total += bool(_PACKAGE.match(line))
            self._tell_download(line)

        self._run(["list", "-mod=readonly", "-deps", *(one.package for one in binaries)], count)
        self._doing("compiling", 0, total)
        return total

    def build(self, binaries: Sequence[Binary], folder: Path, total: int) -> None:
        """Build `binaries`, which have so many packages in all, into `folder`."""
        compiled = 0

        def follow(line: str) -> None:
            nonlocal compiled
            if self._tell_download(line) or not _PACKAGE.match(line):
                return
            compiled += 1
            self._doing(f"compiling {line}", compiled, total)

        linker = f"-s -w {self.source.version_flags}".rstrip()
        output = ("-ldflags", linker, "-o", f"{folder}{os.sep}")
        self._run(["build", *_FLAGS, *output, *(one.package for one in binaries)], follow)

    def stop(self) -> None:
        """End what runs, if anything does."""
        if self._running:
            self._running.terminate()

    def module_folder(self, module: str) -> Path:
        """Return where the Go client keeps the sources of `module`, which it downloads if need be."""
        for fetch in (False, True):
            if fetch:
                self._run(["mod", "download", module], self._tell_download)
            lines: list[str] = []
            self._run(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module], lines.append)
            folder = next((Path(line) for line in lines if Path(line).is_absolute()), None)
            if folder and folder.is_dir():
                return folder
        raise LabError(f"The Go client does not say where the sources of {module} are; see {self._log}.")

    def _tell_download(self, line: str) -> bool:
        found = _DOWNLOADING.match(line)
        if found:
            self._doing(f"downloading {found[1]} {found[2]}")
        return bool(found)

    def _run(self, arguments: Sequence[str], follow: Callable[[str], object]) -> None:
        last = deque[str](maxlen=12)
        with (
            self._log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                ["go", *arguments],
                cwd=self.source.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as go,
        ):
            self._running = go
            print("$ go", *arguments, file=log)
            try:
                for line in go.stdout or ():
                    log.write(line)
                    last.append(line.rstrip())
                    follow(line.rstrip())
            except BaseException:
                go.terminate()
                raise
        if go.returncode:
            raise LabError(self._failure(list(last)))

    def _failure(self, last: Sequence[str]) -> str:
        said = "\n".join(f"    {line}" for line in last if not _PACKAGE.match(line))
        return (
            f"Building {self.source.title} failed. The Go client said last:\n{said}\n"
            f"Everything it said is in {self._log}.\n"
            "What to try: check that Go modules can be downloaded (`go env GOPROXY`), that the disk has "
            "10 GB free, then run `python -m lab build` again; what is compiled is not compiled twice."
        )
