"""Look at everything at the same time, and never wait longer than each thing is allowed to take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread

from review.preflight.rows import Mark, Row


@dataclass(frozen=True)
class Check:
    """One thing to look at."""

    what: str
    """The first words of its row."""
    look: Callable[[], Row]
    """Looks; it may hang for ever."""
    seconds: float
    """How long it may take, counted from the start of the preflight."""
    late: Row
    """What is told if it takes longer."""
    after: str = ""
    """The `what` of an earlier check; it is skipped where that one fails."""


@dataclass
class _Running:
    check: Check
    done: Event = field(default_factory=Event)
    row: Row | None = None
    error: BaseException | None = None

    def run(self, earlier: _Running | None) -> None:
        """Look, and keep what came of it; not at all if the earlier check has failed."""
        try:
            if earlier is None or (earlier.done.wait() and not earlier.failed):
                self.row = self.check.look()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it again
            self.error = error
        self.done.set()

    @property
    def failed(self) -> bool:
        return self.row is None or self.row.mark in {Mark.FAILED, Mark.SKIPPED}


def look_at(checks: Sequence[Check]) -> list[Row]:
    """Return a row for each check, in their order; it takes as long as the slowest may take.

    Threads that hang are left behind: as daemons they do not keep the program from ending.
    """
    start = time.monotonic()
    running = {check.what: _Running(check) for check in checks}
    for one in running.values():
        Thread(target=one.run, args=(running.get(one.check.after),), daemon=True).start()
    rows: dict[str, Row] = {}
    for what, one in running.items():
        earlier = rows.get(one.check.after)
        if earlier and earlier.mark in {Mark.FAILED, Mark.SKIPPED}:
            rows[what] = Row(Mark.SKIPPED, what, f"needs the row {one.check.after!r}")
            continue
        in_time = one.done.wait(max(0.0, start + one.check.seconds - time.monotonic()))
        if one.error:
            raise one.error
        rows[what] = one.row if in_time and one.row else one.check.late
    return list(rows.values())
