"""What a person sees of a long build."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from lab.programs import LiveProgress, PlainProgress
from lab.programs.progress import TimeLeft


class Clock:
    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    return clock


def test_the_time_left_is_told_once_enough_is_compiled_and_does_not_count_the_downloads(clock: Clock) -> None:
    left = TimeLeft()
    clock.now += 200  # of downloads
    assert left(0, 1000) == ""
    assert left(1, 1000) == ""
    clock.now += 60
    assert left(100, 1000) == ", about 9 min left"
    clock.now += 60
    assert left(600, 1000) == ", less than 2 min left"
    assert left(1000, 1000) == ", less than 2 min left"  # linking
    assert left(0, 0) == ""


def test_a_terminal_shows_what_is_built_and_how_long_it_still_takes(clock: Clock) -> None:
    text = io.StringIO()
    with LiveProgress(Console(file=text, width=160, force_terminal=True)) as shown:
        shown.begin("The lab's programs")
        shown.doing("compiling k8s.io/api/core/v1", 1, 100)
        clock.now += 60
        shown.doing("compiling k8s.io/api/apps/v1", 10, 100)
        shown.say("a line above")
    assert "compiling k8s.io/api/apps/v1, about 9 min left" in text.getvalue()


def test_a_log_tells_it_with_the_packages(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    plain = PlainProgress(Console(file=text, width=160))
    plain.begin("The lab's programs")
    plain.doing("compiling a", 1, 100)
    clock.now += 60
    plain.doing("compiling b", 10, 100)
    assert plain.line() == "The lab's programs: 60 s, compiling b (10 of 100, about 9 min left)"
