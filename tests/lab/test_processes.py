from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.processes import Processes, one_at_a_time, start_time, wait_until

ROOT = Path(__file__).parents[2]
SLEEP = ["sleep", "60"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    mine = Processes(tmp_path)
    yield mine
    mine.stop_all(seconds=1)


def test_a_started_process_is_listed_until_it_is_stopped(processes: Processes) -> None:
    processes.start("one", SLEEP)
    assert [process.name for process in processes.running()] == ["one"]
    processes.stop_all()
    assert processes.running() == []


def test_a_process_is_killed_at_once_and_the_others_stay(processes: Processes) -> None:
    for name in ("one", "other"):
        processes.start(name, ["sh", "-c", "trap '' TERM; while sleep 1; do :; done"])
    processes.kill("one")
    processes.kill("nobody")
    assert [process.name for process in processes.running()] == ["other"]


def test_a_process_has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it(processes: Processes) -> None:
    processes.start("one", SLEEP)
    (process,) = processes.running()
    assert os.getsid(process.pid) == process.pid
    assert os.getsid(process.pid) != os.getsid(0)


def test_what_a_process_prints_is_in_its_log(processes: Processes) -> None:
    processes.start("talker", ["sh", "-c", "echo out; echo err >&2"])
    assert wait_until(lambda: processes.log("talker").read_text() == "out\nerr\n", 5)


def test_start_returns_when_the_process_is_ready(processes: Processes, tmp_path: Path) -> None:
    mark = tmp_path / "ready"
    processes.start("one", ["sh", "-c", f"sleep 0.2; touch {mark}; sleep 60"], ready=mark.exists)
    assert mark.exists()


def test_a_process_that_ends_by_itself_is_reported_with_its_last_words(processes: Processes) -> None:
    with pytest.raises(LabError, match=r"(?s)one ended by itself.*one\.log.*no such flag"):
        processes.start("one", ["sh", "-c", "echo no such flag; exit 2"], ready=lambda: False, seconds=5)


def test_a_process_that_is_never_ready_is_reported_with_its_last_words(processes: Processes) -> None:
    with pytest.raises(LabError, match=r"(?s)one was not ready after 0 s.*still waiting"):
        processes.start("one", ["sh", "-c", "echo still waiting; sleep 60"], ready=lambda: False, seconds=0.4)


def test_processes_are_stopped_last_started_first(processes: Processes, tmp_path: Path) -> None:
    order = tmp_path / "order"
    for name in ("first", "second", "third"):
        mark = tmp_path / name
        script = f"trap 'echo {name} >> {order}; exit' TERM; touch {mark}; while :; do sleep 0.05; done"
        processes.start(name, ["sh", "-c", script], ready=mark.exists)
    processes.stop_all()
    assert order.read_text().split() == ["third", "second", "first"]


def test_a_process_that_does_not_listen_to_sigterm_is_killed(processes: Processes, tmp_path: Path) -> None:
    mark = tmp_path / "deaf"
    script = f"trap '' TERM; touch {mark}; while :; do sleep 0.05; done"
    processes.start("deaf", ["sh", "-c", script], ready=mark.exists)
    (process,) = processes.running()
    processes.stop_all(seconds=0.3)
    assert start_time(process.pid) == ""


def test_what_a_crashed_run_left_is_stopped_by_the_next_one(tmp_path: Path) -> None:
    crash = (
        "import os, pathlib, sys\n"
        "from lab.processes import Processes\n"
        "Processes(pathlib.Path(sys.argv[1])).start('orphan', ['sleep', '60'])\n"
        "os._exit(1)\n"
    )
    subprocess.run(
        [sys.executable, "-c", crash, str(tmp_path)], check=False, env={"PYTHONPATH": str(Path.cwd())}
    )
    (orphan,) = Processes(tmp_path).running()
    Processes(tmp_path).stop_all()
    assert start_time(orphan.pid) == ""


def test_a_process_number_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP) as stranger:
        registry = [{"name": "etcd", "pid": stranger.pid, "started": "an-earlier-boot/12345"}]
        (tmp_path / "processes.json").write_text(json.dumps(registry), encoding="utf-8")
        Processes(tmp_path).stop_all()
        assert stranger.poll() is None
        stranger.kill()


def test_a_damaged_registry_is_named_and_nothing_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text("[{]", encoding="utf-8")
    with pytest.raises(LabError, match=r"processes\.json is damaged"):
        Processes(tmp_path).stop_all()


def test_stopping_twice_is_fine(processes: Processes) -> None:
    processes.start("one", SLEEP)
    processes.stop_all()
    processes.stop_all()
    assert processes.running() == []


HOLDS = """
import sys, time
from pathlib import Path
from lab.processes import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), "", print):
    print("holds", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the lock `tmp_path/lab/lock`."""
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "lab" / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        assert process.stdout.readline() == "holds\n"
        yield process
        process.kill()


@pytest.mark.parametrize("cleans", [False, True])
def test_who_waits_for_a_lock_says_so_and_gets_it_also_when_it_is_deleted_with_its_folder(
    tmp_path: Path, holder: subprocess.Popen[str], cleans: bool
) -> None:
    lock, said = tmp_path / "lab" / "lock", list[str]()

    def say(sentence: str) -> None:
        said.append(sentence)
        if cleans:
            shutil.rmtree(lock.parent)
        holder.kill()  # the lock of a process that is killed is free

    with one_at_a_time(lock, "waiting", say):
        assert said == ["waiting"]
        assert lock.exists()


def test_a_free_lock_is_taken_without_a_word_and_an_error_inside_comes_out(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match="inside"),
        one_at_a_time(tmp_path / "lock", "waiting", pytest.fail),
    ):
        raise FileNotFoundError("inside")
