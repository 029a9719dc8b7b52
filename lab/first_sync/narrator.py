"""How the demo's steps are shown: each with its letter, its time and what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from lab.dns.asking import Answer

_COLOURS = {True: "green", False: "red"}


class Narrator:
    """Prints the steps.

    Args:
        console: where to.
        after: called with its letter when a step is done.
    """

    def __init__(self, console: Console, after: Callable[[str], object] = lambda _: None) -> None:
        self._console = console
        self._after = after
        self._began = time.monotonic()
        self.seconds: dict[str, float] = {}
        """Step → how long it took."""

    @contextmanager
    def step(self, letter: str, text: str) -> Iterator[None]:
        """Announce a step, and print its time when it is done."""
        began = time.monotonic()
        with self._console.status(f"[bold]{escape(text)}[/]"):
            self._console.print(f"\n[bold cyan]{letter}[/]  [bold]{escape(text)}[/]")
            yield
        self.seconds[f"{letter}  {text}"] = time.monotonic() - began
        self._console.print(f"   [dim]{time.monotonic() - began:.1f} s[/]")
        self._after(letter)

    def saw(self, what: str, seen: object, *, good: bool | None = None) -> None:
        """Print one line of what was seen."""
        colour = "default" if good is None else _COLOURS[good]
        self._console.print(f"   {what:<22} [{colour}]{escape(str(seen))}[/]")

    def answers(self, answers: Mapping[str, Answer]) -> None:
        """Print what both DNS layers answer."""
        for layer, answer in answers.items():
            self.saw(layer, answer, good=bool(answer.addresses))

    def close(self, strategy: str) -> None:
        """Print the table of times."""
        table = Table(box=None, header_style="dim", padding=(0, 2))
        table.add_column("step")
        table.add_column("seconds", justify="right")
        for step, seconds in self.seconds.items():
            table.add_row(step, f"{seconds:.1f}")
        table.add_row("[bold]all[/]", f"[bold]{time.monotonic() - self._began:.1f}[/]")
        self._console.print()
        title = f"From nothing to the first synced Application, strategy {strategy}"
        self._console.print(Panel(table, title=title, title_align="left", expand=False))
