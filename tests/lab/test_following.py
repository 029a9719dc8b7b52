"""A program that is followed line by line, and what an interrupt does to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.following import follow
from lab.processes import wait_until

ROOT = Path(__file__).parents[2]
CANCELS = """
import signal, sys, time
def cancel(*_):
    print("cancelling", flush=True)
    time.sleep(0.3)
    print("saved " * 20000, flush=True)
    sys.exit(1)
signal.signal(signal.SIGINT, cancel)
print("working", flush=True)
time.sleep(60)
"""
IS_DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("working", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def ctrl_c() -> None:
    # A build server may have started the tests in the background, where Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run(text: str, show: Callable[[str], object], folder: Path, patience: float = 20) -> int:
    command, log = [sys.executable, "-c", text], folder / "logs" / "log"
    return follow(command, show, log=log, folder=folder, environment=os.environ, patience=patience)


def interrupt_at(word: str, shown: list[str]) -> Callable[[str], None]:
    """Return a `show` that keeps each line; at `word` the user presses Ctrl-C."""

    def show(line: str) -> None:
        shown.append(line)
        if line == word:
            os.kill(os.getpid(), signal.SIGINT)

    return show


def test_each_line_is_shown_as_it_comes_and_the_exit_code_is_told(tmp_path: Path) -> None:
    shown = list[tuple[str, float]]()
    text = "import sys, time; print('one', flush=True); time.sleep(0.5); print('two'); sys.exit(3)"
    assert run(text, lambda line: shown.append((line, time.monotonic())), tmp_path) == 3
    assert [line for line, _ in shown] == ["one", "two"]
    assert shown[1][1] - shown[0][1] > 0.3


def test_an_interrupted_program_may_say_all_that_it_has_to_say_while_it_cancels(tmp_path: Path) -> None:
    shown = list[str]()
    with pytest.raises(KeyboardInterrupt):
        run(CANCELS, interrupt_at("working", shown), tmp_path)
    assert [line[:10] for line in shown] == ["working", "cancelling", "saved save"]


def test_a_closed_terminal_does_not_keep_the_program_from_cancelling(tmp_path: Path) -> None:
    tried = list[str]()

    def show(line: str) -> None:
        tried.append(line)
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        run(CANCELS, show, tmp_path)
    assert [line[:10] for line in tried] == ["working", "cancelling", "saved save"]


def test_a_program_that_does_not_cancel_is_killed(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(IS_DEAF, interrupt_at("working", []), tmp_path, patience=0.3)
    assert time.monotonic() - began < 20


def test_ctrl_c_at_the_terminal_reaches_the_program_by_us_alone(tmp_path: Path) -> None:
    shown = list[str]()
    run("import os; print(os.getpgid(0) == os.getpid())", shown.append, tmp_path)
    assert shown == ["True"]


def test_a_program_goes_on_to_its_end_when_we_are_killed(tmp_path: Path) -> None:
    done, works = tmp_path / "done", "import pathlib, sys, time; time.sleep(0.5); print('word', flush=True)"
    began = tmp_path / "began"
    text = (
        f"import pathlib; pathlib.Path({str(began)!r}).touch(); {works}; pathlib.Path({str(done)!r}).touch()"
    )
    us = f"""
import os, pathlib, sys
from lab.following import follow
from lab.processes import wait_until
folder = pathlib.Path({str(tmp_path)!r})
print("follows", flush=True)
follow([sys.executable, "-c", {text!r}], print, log=folder / "log", folder=folder, environment=os.environ)
"""
    with subprocess.Popen([sys.executable, "-c", us], stdout=subprocess.PIPE, cwd=ROOT) as we:
        assert we.stdout
        we.stdout.readline()
        assert wait_until(began.exists, 10)
        we.kill()
    assert wait_until(done.exists, 10)
    assert (tmp_path / "log").read_text() == "word\n"
