"""What `make up` on the lab decides before it runs Pulumi."""

from __future__ import annotations

import pytest

from lab.main_job import about_checkpoints
from tools.checkpoints import ENOUGH, VARIABLES

STATE = "file:///lab/state"


def test_many_applications_are_written_once_and_the_user_reads_why() -> None:
    said: list[str] = []
    assert about_checkpoints(ENOUGH, STATE, {}, said.append) == dict.fromkeys(VARIABLES, "true")
    assert len(said) == 1


@pytest.mark.parametrize("value", ["true", "false"])
def test_what_the_user_says_about_checkpoints_reaches_pulumi(value: str) -> None:
    said: list[str] = []
    environ = {"PULUMI_SKIP_CHECKPOINTS": value, "PULUMI_CONFIG_PASSPHRASE": "of another stack"}
    assert about_checkpoints(1_000, STATE, environ, said.append) == {"PULUMI_SKIP_CHECKPOINTS": value}
    assert said == []


def test_few_applications_have_nothing_said_about_them() -> None:
    said: list[str] = []
    assert about_checkpoints(1, STATE, {}, said.append) == {}
    assert said == []
