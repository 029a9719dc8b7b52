"""The end of the process in the private namespaces."""

from __future__ import annotations

import subprocess

from lab.first_sync.inside import kill_the_rest
from tests.lab.first_sync.conftest import Inside

KILL = """
import pathlib, subprocess
from lab.first_sync.inside import kill_the_rest
subprocess.Popen(["setsid", "sh", "-c", "sleep 60 & trap '' TERM INT HUP; sleep 60"])
kill_the_rest()
print(sorted(entry.name for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()))
"""


def test_before_the_files_go_nothing_is_left_that_could_write_to_them(inside: Inside) -> None:
    assert inside(KILL) == "['1']\n"


def test_outside_of_a_process_namespace_nothing_is_killed() -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        kill_the_rest()
        assert bystander.poll() is None
        bystander.kill()
