"""Show how a long build goes: a live line per module on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import threading
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

_SECONDS_BETWEEN_LINES = 30.0


class TimeLeft:
    """About how long a build still takes, from how long the packages that are compiled have taken."""

    _ENOUGH = 0.03
    """Of all packages: with fewer of them an estimate is none."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._compiling = False

    def __call__(self, done: int, total: int) -> str:
        """Return the words to show, with a comma before them; none as long as nobody can tell."""
        if done and not self._compiling:
            self._compiling, self._since = True, time.monotonic()
        if not total or done < self._ENOUGH * total:
            return ""
        minutes = round((time.monotonic() - self._since) * (total - done) / done / 60)
        return f", about {minutes} min left" if minutes > 1 else ", less than 2 min left"


class LiveProgress:
    """A line per module with a bar, what happens now, the time, and the time left; for a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="•"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}", markup=False),
            console=console,
        )
        self._task: TaskID | None = None
        self._left = TimeLeft()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the live ones, such as that another build is waited for."""
        self._progress.console.print(text, markup=False)

    def begin(self, title: str) -> None:
        """Add the module's line."""
        self._task = self._progress.add_task(title, total=None, doing="")
        self._left = TimeLeft()

    def doing(self, text: str, done: int = 0, total: int = 0) -> None:
        """Update the module's line; `total` 0 when nobody knows how much there is to do."""
        if self._task is not None:
            now = f"{text}{self._left(done, total)}"
            self._progress.update(self._task, completed=done, total=total or None, doing=now)

    def end(self, result: str) -> None:
        """Fill the module's bar."""
        if self._task is not None:
            self._progress.update(self._task, completed=1, total=1, doing=result)
        self._task = None


class PlainProgress:
    """A plain line at the start, one every 30 seconds and one at the end; for logs and CI."""

    def __init__(self, console: Console, seconds_between_lines: float = _SECONDS_BETWEEN_LINES) -> None:
        self._console = console
        self._pause = seconds_between_lines
        self._title = self._now = ""
        self._since = 0.0
        self._left = TimeLeft()
        self._over = threading.Event()
        self._reporter = threading.Thread(target=self._report, daemon=True)

    def __enter__(self) -> Self:
        self._reporter.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._reporter.join()

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def begin(self, title: str) -> None:
        """Print the module's first line."""
        self.say(f"{title}: building")
        self._now, self._since, self._left = "starting", time.monotonic(), TimeLeft()
        self._title = title  # from now on there are lines in between

    def doing(self, text: str, done: int = 0, total: int = 0) -> None:
        """Keep what happens for the next line."""
        self._now = f"{text} ({done} of {total}{self._left(done, total)})" if total else text

    def end(self, result: str) -> None:
        """Print the module's last line."""
        title, self._title = self._title, ""
        self.say(f"{title}: {result} after {time.monotonic() - self._since:.0f} s")

    def _report(self) -> None:
        while not self._over.wait(self._pause):
            if self._title:
                self.say(self.line())

    def line(self) -> str:
        """Return what happens now."""
        return f"{self._title}: {time.monotonic() - self._since:.0f} s, {self._now}"


BuildProgress = LiveProgress | PlainProgress
"""What a build reports to while it runs, used as a context manager around the whole build."""


def progress_for(console: Console) -> BuildProgress:
    """Return the way of showing that fits `console`."""
    return LiveProgress(console) if console.is_terminal else PlainProgress(console)
