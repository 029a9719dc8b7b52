"""The Makefile's commands work on the lab, or on the stack that the command line names; on nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.site import ROOT

STAND_IN = """#!/bin/sh
echo "$0 $*" >> "{calls}"
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file to which `pulumi` and `python`, which do nothing else, write how they are called."""
    if not shutil.which("make"):
        pytest.skip("there is no make; install the package `make`")
    file = tmp_path / "calls"
    for name in ("pulumi", "python"):
        (tmp_path / name).write_text(STAND_IN.format(calls=file), encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    file.touch()
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    return file


def make(target: str, folder: Path, lab: str) -> int:
    """Run a target with `lab` in place of the lab's command line, on a finished virtual environment."""
    finished = ["--old-file", ".venv/installed"]
    settings = [f"RUN={folder}", f"LAB={lab}", "STACK=local"]
    return subprocess.run(["make", *finished, *settings, target], cwd=ROOT, check=False).returncode


@pytest.mark.parametrize("target", ["verify", "preflight"])
def test_without_the_lab_the_command_does_not_run_on_the_users_own_cluster(calls: Path, target: str) -> None:
    assert make(target, calls.parent, "false") != 0
    assert calls.read_text() == ""


@pytest.mark.parametrize("target", ["verify", "preflight"])
def test_with_the_lab_the_command_runs(calls: Path, target: str) -> None:
    assert make(target, calls.parent, "true") == 0
    assert "python -m " in calls.read_text()


def dry_run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Print what `make` would do where the shell exports `environment`."""
    command = ["make", "--dry-run", "--old-file", ".venv/installed", *words]
    unset = {"STACK", "MAKEFLAGS", "MAKELEVEL"}
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", ["up", "verify", "check", "try", "preflight", "new"])
@pytest.mark.parametrize("flags", [[], ["--environment-overrides"]])
def test_an_exported_stack_is_refused_with_both_lines_that_could_be_meant(
    calls: Path, target: str, flags: list[str]
) -> None:
    done = dry_run(*flags, target, STACK="prod")
    assert done.returncode == 2
    assert "STACK=prod is exported in your shell" in done.stderr
    assert f"`make {target} STACK=prod`" in done.stderr
    assert f"`make {target} STACK=local`" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "exported", "does"),
    [
        (["up"], {}, "-m lab up"),
        (["up"], {"STACK": ""}, "-m lab up"),
        (["up"], {"STACK": "local"}, "-m lab up"),
        (["up", "STACK=local"], {"STACK": "prod"}, "-m lab up"),
        (["up", "STACK=prod"], {}, "pulumi up --stack prod"),
        (["up", "STACK=prod"], {"STACK": "dev"}, "pulumi up --stack prod"),
        (["check", "STACK=prod"], {}, "-m tools.check prod"),
        (["down"], {"STACK": "prod"}, "-m lab stop"),
    ],
)
def test_a_stack_is_deployed_when_the_command_line_names_it(
    calls: Path, words: list[str], exported: dict[str, str], does: str
) -> None:
    done = dry_run(*words, **exported)
    assert done.returncode == 0, done.stderr
    assert does in done.stdout


def test_the_quick_tests_leave_out_what_the_whole_adds(calls: Path) -> None:
    finished = ["--old-file", ".venv/installed-tests"]
    lint, unit, whole = (dry_run(*finished, target).stdout for target in ("lint", "unit", "test"))
    assert "mypy" in lint
    assert "pytest" not in lint
    assert '-m "not engine and not real"' in unit
    assert "mypy" not in unit
    assert whole.startswith(lint)
    assert unit.replace(' -m "not engine and not real"', "") == whole.removeprefix(lint)


def test_help_has_every_target_and_shows_those_of_users_first(calls: Path) -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    users, maintainers = (
        re.findall(r"^  make ([a-z-]+) ", part, re.MULTILINE) for part in shown.split("For maintainers")
    )
    phony = re.search(r"\.PHONY: ((?:.*\\\n)*.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert phony
    assert {*users, *maintainers, "sources"} == {*phony[1].replace("\\", "").split()}
    assert {"up", "check", "try", "new", "preflight", "demo", "docs"} <= {*users}
    assert {"lint", "unit", "test", "lock", "schema"} <= {*maintainers}
    assert not {*users} & {*maintainers}
