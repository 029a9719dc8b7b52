from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from review.preflight.looking import Check, look_at
from review.preflight.rows import Mark, Row


def check(what: str, look: Callable[[], Row], seconds: float = 2, after: str = "") -> Check:
    return Check(what, look, seconds, Row(Mark.FAILED, what, f"not within {seconds:g} s"), after)


def fine(what: str) -> Callable[[], Row]:
    return lambda: Row(Mark.OK, what, "fine")


def hangs() -> Row:
    threading.Event().wait()
    raise AssertionError


def test_every_check_has_its_row_in_the_order_of_the_checks() -> None:
    assert [row.what for row in look_at([check("b", fine("b")), check("a", fine("a"))])] == ["b", "a"]


def test_checks_that_hang_cost_as_much_time_as_one_of_them_and_say_that_nothing_answered() -> None:
    start = time.monotonic()
    rows = look_at([check(name, hangs, 0.2) for name in "abcdef"])
    assert time.monotonic() - start < 1
    assert {(row.mark, row.seen) for row in rows} == {(Mark.FAILED, "not within 0.2 s")}


@pytest.mark.parametrize("mark", [Mark.FAILED, Mark.SKIPPED])
def test_what_needs_a_row_that_failed_is_skipped_and_not_looked_at(mark: Mark) -> None:
    looked: list[str] = []

    def look() -> Row:
        looked.append("b")
        return Row(Mark.OK, "b", "")

    first, second = look_at([check("a", lambda: Row(mark, "a", "no")), check("b", look, after="a")])
    assert first.mark is mark
    assert second == Row(Mark.SKIPPED, "b", "needs the row 'a'")
    assert looked == []


def test_what_needs_a_row_that_hangs_is_skipped_too() -> None:
    assert [row.mark for row in look_at([check("a", hangs, 0.1), check("b", fine("b"), after="a")])] == [
        Mark.FAILED,
        Mark.SKIPPED,
    ]


def test_a_row_that_only_warns_does_not_stop_what_needs_it() -> None:
    warned = check("a", lambda: Row(Mark.WARNING, "a", "hm"))
    assert look_at([warned, check("b", fine("b"), after="a")])[1].mark is Mark.OK


def test_a_mistake_of_our_own_is_not_told_as_the_users() -> None:
    def wrong() -> Row:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_at([check("a", wrong)])
