from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.measuring import CommandError, Spread, cost, in_turns


def test_contestants_take_turns_and_an_expensive_one_runs_less_often() -> None:
    order: list[str] = []

    def run(name: str) -> str:
        order.append(name)
        return name

    found = in_turns({"a": lambda: run("a"), "b": lambda: run("b")}, 3, {"b": 1})
    assert order == ["a", "b", "a", "a"]
    assert found == {"a": ["a", "a", "a"], "b": ["b"]}


def test_a_command_costs_time_and_memory_with_all_that_it_starts(tmp_path: Path) -> None:
    child = "import time; kept = bytearray(60 << 20); time.sleep(0.5)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    found = cost([sys.executable, "-c", program], tmp_path, os.environ)
    assert found.seconds > 0.5
    assert found.mebibytes > 60
    assert set(found.as_data()) == {"seconds", "cpu", "mebibytes"}


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('what is wrong'); exit(1)"]
    with pytest.raises(CommandError, match="what is wrong"):
        cost(command, tmp_path, os.environ)
    assert cost(command, tmp_path, os.environ, fine=[0, 1]).seconds > 0


def test_a_spread_has_the_median_of_its_numbers() -> None:
    assert Spread.of([3.0, 1.0, 9.0]) == Spread(3.0, 1.0, 9.0, 3)
