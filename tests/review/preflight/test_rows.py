from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from review.preflight.rows import Check, as_text, look_at
from tools.command_line import Mark, Row

ROWS = [
    Row(Mark.OK, "API server", "it answers"),
    Row(
        Mark.FAILED,
        "chart",
        "https://charts.protobox/a/very/long/address has no argo-cd 9.0.0",
        "set the version to one that it has",
    ),
    Row(Mark.SKIPPED, "permissions", "needs the row 'API server'"),
]


@pytest.mark.parametrize("width", [20, 60, 100, 200])
def test_every_word_is_there_at_every_width(width: int) -> None:
    text = as_text("Preflight", ROWS, width=width)
    for row in ROWS:
        for word in f"{row.mark} {row.what} {row.seen} {row.fix}".split():
            assert word in text


def test_lines_are_as_long_as_asked_but_for_long_words() -> None:
    lines = as_text("Preflight", ROWS, width=80).splitlines()
    assert max(map(len, lines)) <= 80 + 10  # the address


def test_a_row_reads_mark_name_text_and_below_the_fix() -> None:
    assert as_text("Preflight", ROWS, width=120) == (
        "Preflight\n\n"
        "  ok       API server   it answers\n"
        "  FAILED   chart        https://charts.protobox/a/very/long/address has no argo-cd 9.0.0\n"
        "                        fix: set the version to one that it has\n"
        "  skipped  permissions  needs the row 'API server'\n\n"
        "1 of 3 failed; nothing was changed"
    )


def test_several_lines_stay_several_lines() -> None:
    text = as_text("", [Row(Mark.FAILED, "a", "lacks:\nget pods\nget nodes")], width=100)
    assert "lacks:\n              get pods\n              get nodes" in text


def test_the_last_line_tells_of_warnings() -> None:
    warned = [ROWS[0], Row(Mark.WARNING, "host", "hm")]
    assert as_text("", warned, width=80).endswith("nothing is in the way, 1 warning")


def check(what: str, look: Callable[[], Sequence[Row]]) -> Check:
    return Check(what, look, "wait")


def fine(*names: str) -> Callable[[], Sequence[Row]]:
    return lambda: [Row(Mark.OK, name, "fine") for name in names]


@pytest.fixture
def hangs() -> Iterator[Callable[[], Sequence[Row]]]:
    over = threading.Event()
    yield lambda: [] if over.wait() else [ROWS[0]]
    over.set()


def test_every_check_has_its_rows_in_the_order_of_the_checks() -> None:
    rows = look_at([check("b", fine("b", "c")), check("a", fine("a"))], 2)
    assert [row.what for row in rows] == ["b", "c", "a"]


def test_checks_that_hang_cost_as_much_time_as_one_of_them_and_say_that_nothing_answered(
    hangs: Callable[[], Sequence[Row]],
) -> None:
    start = time.monotonic()
    rows = look_at([check(name, hangs) for name in "abcdef"], 0.2)
    assert time.monotonic() - start < 1
    assert {(row.mark, row.seen, row.fix) for row in rows} == {
        (Mark.FAILED, "no answer within 0.2 s", "wait")
    }


def test_a_mistake_of_our_own_is_not_told_as_the_users() -> None:
    def wrong() -> Sequence[Row]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_at([check("a", wrong)], 1)
