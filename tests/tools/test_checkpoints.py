"""Pulumi writes its state once where that is safe and pays, and as the user says where he says it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.checkpoints import ENOUGH, VARIABLES, main, without

BOTH = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    """A stack file with as many projects as it takes."""
    content = yaml.safe_load((ROOT / "examples/Pulumi.page.yaml").read_text(encoding="utf-8"))
    content["config"]["protobox-cd:projects"] = {f"project{number}": {} for number in range(ENOUGH)}
    content["config"].pop("protobox-cd:manifests", None)
    file = tmp_path / "Pulumi.page.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "url", ["file:///srv/state", "file://~", "s3://state?endpoint=minio:9000", "gs://state", "azblob://state"]
)
def test_many_applications_in_a_state_that_is_rewritten_are_written_once(url: str) -> None:
    assert without(ENOUGH, url, {}) == BOTH


def test_few_applications_change_nothing() -> None:
    assert without(ENOUGH - 1, "file:///srv/state", {}) == {}


@pytest.mark.parametrize("url", ["", "https://api.pulumi.com", "https://pulumi.protobox", "postgres://state"])
def test_what_takes_each_step_by_itself_and_what_is_not_known_keep_their_checkpoints(url: str) -> None:
    assert without(1_000, url, {}) == {}


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["", "true", "false"])
def test_nothing_is_decided_for_a_user_who_has(name: str, value: str) -> None:
    assert without(1_000, "file:///srv/state", {name: value}) == {}


def test_a_shell_gets_the_variables_and_a_person_one_line_that_says_why_and_how_to_turn_it_off(
    stack_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(stack_file)], {"PULUMI_BACKEND_URL": "file:///srv/state"}) == 0
    out, err = capsys.readouterr()
    assert out == "export PULUMI_EXPERIMENTAL=true PULUMI_SKIP_CHECKPOINTS=true\n"
    assert err.count("\n") == 1
    assert f"all {ENOUGH} Applications" in err
    assert "the next `up`" in err
    assert "PULUMI_SKIP_CHECKPOINTS=false" in err


@pytest.mark.parametrize("wrong", ["config: {}\n", "config: ["])
def test_a_stack_file_with_mistakes_changes_nothing_and_pulumi_tells_them(
    stack_file: Path, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack_file.write_text(wrong, encoding="utf-8")
    assert main([str(stack_file)], {"PULUMI_BACKEND_URL": "file:///srv/state"}) == 0
    assert capsys.readouterr() == ("", "")


def test_bash_exports_what_is_printed(stack_file: Path) -> None:
    shell = 'eval "$("$0" -m tools.checkpoints "$1")"; env | sort | grep -E "EXPERIMENTAL|CHECKPOINTS"'
    environ = {"PULUMI_BACKEND_URL": "file:///srv/state", "PATH": "/usr/bin:/bin"}
    command = ["bash", "-euc", shell, sys.executable, str(stack_file)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"{name}={value}" for name, value in BOTH.items()]
