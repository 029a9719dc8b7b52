"""Pulumis that work on a lab, played by shell scripts of their names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab import pulumis
from lab.processes import wait_until

NOW = datetime.now(UTC)

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a script called `name`, in the environment of the lab in `tmp_path`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, text: str = "sleep 60", home: Path = tmp_path / "pulumi") -> subprocess.Popen[bytes]:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
        environment = os.environ | {"PULUMI_HOME": str(home)}
        started.append(subprocess.Popen([program, "127.0.0.1:1"], env=environment, process_group=0))
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError):  # it has ended, and all that it has started
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def lock(lab: Path, pid: int, written: datetime = NOW) -> Path:
    """Write a lock on the state of stack `local` as Pulumi writes it."""
    file = lab / "state" / ".pulumi" / "locks" / "organization" / "protobox-cd" / "local" / f"{pid}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    stamp = written.isoformat(timespec="microseconds").replace("+00:00", "789Z")  # Go writes nanoseconds
    content = {"pid": pid, "username": "user", "hostname": "host", "timestamp": stamp}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_lock_of_a_process_that_is_gone_is_deleted(tmp_path: Path) -> None:
    stale = lock(tmp_path, 4194305)  # above Linux's highest pid
    assert pulumis.at_work(tmp_path) == []
    assert not stale.exists()


def test_a_lock_counts_only_as_long_as_that_very_pulumi_runs(tmp_path: Path, start: Start) -> None:
    pulumi, other = start("pulumi"), start("editor")
    held = lock(tmp_path, pulumi.pid, datetime.now(UTC))
    same_number = lock(tmp_path, other.pid, datetime.now(UTC))
    assert [process.pid for process in pulumis.at_work(tmp_path)] == [pulumi.pid]
    assert held.exists()
    assert not same_number.exists()
    before_it_started = lock(tmp_path, pulumi.pid, datetime.now(UTC) - timedelta(hours=1))
    assert pulumis.at_work(tmp_path) == []
    assert not before_it_started.exists()


@pytest.mark.parametrize("name", ["1.json", "1.json.ab12.tmp"])
def test_a_lock_that_a_full_disk_has_cut_off_is_deleted_once_nobody_can_be_writing_it(
    tmp_path: Path, name: str
) -> None:
    broken = lock(tmp_path, 1).rename(tmp_path / "state" / ".pulumi" / "locks" / name)
    broken.write_text('{"pid": ')
    assert pulumis.at_work(tmp_path) == []
    assert broken.exists()
    os.utime(broken, (0, 0))
    assert pulumis.at_work(tmp_path) == []
    assert not broken.exists()


def test_a_state_that_a_full_disk_has_cut_off_gives_way_to_its_copy_and_without_one_to_none(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    stacks = tmp_path / "state" / ".pulumi" / "stacks" / "protobox-cd"
    stacks.mkdir(parents=True)
    state, copy = stacks / "local.json", stacks / "local.json.bak"
    state.write_text("{}")
    pulumis.mend_state(tmp_path, said.append)
    assert said == []
    state.write_text("{")
    copy.write_text('{"version": 3}')
    pulumis.mend_state(tmp_path, said.append)
    assert state.read_text() == copy.read_text()
    state.write_text("")
    copy.write_text("")
    pulumis.mend_state(tmp_path, said.append)
    assert not state.exists()
    assert [line.rpartition(" ")[2] for line in said] == [f"{copy}.", "none."]


def test_a_pulumi_at_work_is_waited_for_and_told_once(tmp_path: Path, start: Start) -> None:
    pulumi = start("pulumi", "sleep 0.5")
    held = lock(tmp_path, pulumi.pid, datetime.now(UTC))
    said: list[str] = []
    pulumis.wait_for_others(tmp_path, said.append)
    assert pulumi.poll() is not None
    assert not held.exists()
    (sentence,) = said
    assert sentence.startswith(f"Another Pulumi (process {pulumi.pid}, since ")


def test_nothing_is_said_where_nobody_works(tmp_path: Path) -> None:
    said: list[str] = []
    pulumis.wait_for_others(tmp_path, said.append)
    pulumis.end_all(tmp_path, said.append)
    assert said == []


def test_a_pulumi_at_work_is_told_to_cancel_and_may_save(tmp_path: Path, start: Start) -> None:
    saved, ready = tmp_path / "saved", tmp_path / "ready"
    text = f"trap 'touch {saved}; exit 1' INT; touch {ready}; while :; do sleep 0.1; done"
    pulumi = start("pulumi", text)
    assert wait_until(ready.exists, 10)
    held = lock(tmp_path, pulumi.pid, datetime.now(UTC))
    said: list[str] = []
    pulumis.end_all(tmp_path, said.append)
    assert saved.exists()
    assert not held.exists()
    assert said == [f"Pulumi (process {pulumi.pid}) works on this lab; it is told to cancel."]


def test_plugins_without_their_pulumi_are_ended_with_what_they_started(tmp_path: Path, start: Start) -> None:
    child = tmp_path / "child"
    plugin = start("pulumi-resource-pulumi-python", f"sleep 61 & echo $! > {child}; wait")
    assert wait_until(lambda: child.exists() and bool(child.read_text()), 10)
    assert [process.pid for process in pulumis.orphans(tmp_path)] == [plugin.pid]
    pulumis.end_all(tmp_path, print)
    assert plugin.wait(10) is not None
    assert wait_until(lambda: not Path(f"/proc/{child.read_text().strip()}/exe").exists(), 10)


def test_the_dynamic_provider_is_known_by_its_module(tmp_path: Path) -> None:
    module = tmp_path / "pulumi" / "dynamic.py"
    module.parent.mkdir()
    module.write_text("import time; time.sleep(60)", encoding="utf-8")
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    environment = os.environ | {"PULUMI_HOME": str(tmp_path / "pulumi")}
    with subprocess.Popen(command, cwd=tmp_path, env=environment) as provider:
        found = wait_until(lambda: [one.pid for one in pulumis.orphans(tmp_path)] == [provider.pid], 10)
        provider.kill()
    assert found


def test_a_plugin_whose_pulumi_runs_and_a_plugin_of_another_lab_are_let_be(
    tmp_path: Path, start: Start
) -> None:
    start("pulumi-resource-other", home=tmp_path / "elsewhere")
    start("pulumi-language-python").kill()
    up = tmp_path / "up"
    start("pulumi", f"{tmp_path / 'pulumi-language-python'} 127.0.0.1:1 & touch {up}; wait")
    assert wait_until(up.exists, 10)
    assert pulumis.orphans(tmp_path) == []
