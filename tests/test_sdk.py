"""What the SDK is told before a stack is declared."""

from __future__ import annotations

import pulumi
import pytest

from components import sdk
from tests.engine_mock import Engine, until_drained


def test_the_engine_is_not_told_of_each_step_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "_log", lambda _engine, _severity, message, *_: told.append(message))
    monkeypatch.setattr(pulumi.log, "debug", pulumi.log.debug)

    def declare() -> None:
        sdk.prepare()
        told.clear()  # of the stack itself, which the SDK declares before it runs the program
        pulumi.ComponentResource("protobox-cd:projects:Applications", "projects")
        pulumi.log.info("shown")

    pulumi.runtime.set_mocks(Engine(), project="protobox-cd", stack="test")
    until_drained(declare)()
    assert told == ["shown"]
