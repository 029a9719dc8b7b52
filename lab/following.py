"""Show what a program prints as it comes, and let the program end in order when the user interrupts it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

SECONDS_TO_CANCEL = 60.0
_PAUSE = 0.05


def follow(  # noqa: PLR0913 - what to run, where, and what becomes of its words
    command: Sequence[str | Path],
    show: Callable[[str], object],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    patience: float = SECONDS_TO_CANCEL,
) -> int:
    """Run `command` in `folder`, give each line that it prints to `show`, and return its exit code.

    It prints into the file `log`, and so goes on to its end even when this process is killed: a pipe
    would be closed then, and the program would die at its next word, with nothing saved.

    An interrupt is passed on to it once, and what it prints on its way out is shown, too. It is killed when
    that takes longer than `patience` seconds, or when the user interrupts a second time.

    Raises:
        KeyboardInterrupt: it came meanwhile; by then the program has ended.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as output,
        log.open(encoding="utf-8", errors="replace") as printed,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C at a terminal would reach it, too, and a second interrupt means `at once` to Pulumi.
            process_group=0,
        ) as process,
    ):
        reader = _Reader(printed, show)
        try:
            while process.poll() is None:
                reader.read_on()
                time.sleep(_PAUSE)
        except BaseException:
            _let_it_end(process, reader, patience)
            raise
        reader.read_on()
    return process.returncode


class _Reader:
    """Gives the finished lines of a file that grows to `show`."""

    def __init__(self, file: TextIO, show: Callable[[str], object]) -> None:
        self._file = file
        self._show = show
        self._begun = ""

    def read_on(self) -> None:
        """Show what has come since; an interrupt in the middle loses nothing that is not shown yet."""
        self._begun += self._file.read()
        while "\n" in self._begun:
            line, _, self._begun = self._begun.partition("\n")
            self._show(line)


def _let_it_end(process: subprocess.Popen[bytes], reader: _Reader, patience: float) -> None:
    process.send_signal(signal.SIGINT)
    end = time.monotonic() + patience
    try:
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError):  # from a terminal that is closed
                reader.read_on()
            time.sleep(_PAUSE)
    finally:
        process.kill()
        process.wait()
    with contextlib.suppress(OSError):
        reader.read_on()
