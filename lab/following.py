"""Show what a program prints as it comes, and let the program end in order when the user interrupts it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_CANCEL = 60.0


@dataclass(frozen=True)
class Followed:
    """A program that has ended."""

    code: int
    lines: list[str]


def follow(
    command: Sequence[str | Path],
    show: Callable[[str], object],
    *,
    folder: Path,
    environment: Mapping[str, str],
    patience: float = SECONDS_TO_CANCEL,
) -> Followed:
    """Run `command` in `folder`, and give each line that it prints to `show`, without its end.

    An interrupt is passed on to it once, and what it prints on its way out is shown, too. It is killed when
    that takes longer than `patience` seconds, or when the user interrupts a second time.

    Raises:
        KeyboardInterrupt: it came meanwhile; by then the program has ended.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Ctrl-C at a terminal would reach it, too, and a second interrupt means `at once` to Pulumi.
        process_group=0,
    ) as process:

        def read() -> None:
            for line in process.stdout or ():
                lines.append(line)
                show(line.rstrip("\n"))

        try:
            read()
            code = process.wait()
        except BaseException:
            _let_it_end(process, read, patience)
            raise
    return Followed(code, lines)


def _let_it_end(process: subprocess.Popen[str], read: Callable[[], None], patience: float) -> None:
    """Interrupt it, and go on reading: with a closed pipe it would die before it has saved what it did."""

    def read_on() -> None:
        while True:
            with contextlib.suppress(OSError):  # from a terminal that is closed
                return read()

    reader = threading.Thread(target=read_on, daemon=True)
    process.send_signal(signal.SIGINT)
    reader.start()
    try:
        process.wait(patience)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
    finally:
        reader.join()
