"""What the SDK is told before a stack is declared, and what an export says that the state has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import sdk
from components.sdk import exported
from tests.engine_mock import Engine, until_drained

URN = "urn:pulumi:dev::protobox-cd::kubernetes:core/v1:Namespace::argocd"
NAMESPACE = {"type": "kubernetes:core/v1:Namespace", "outputs": {"metadata": {"name": "argocd"}}}


@pytest.fixture
def pulumi_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that is found as `pulumi`; it ends at once."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "pulumi"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


def prints(program: Path, printed: str) -> Path:
    """Let the program write down its arguments, and print this."""
    asked, answer = program.with_name("asked"), program.with_name("answer")
    answer.write_text(printed)
    program.write_text(f'#!/bin/sh\necho "$@" > {asked}\ncat {answer}\n')
    return asked


def state(*resources: dict[str, Any]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": resources} if resources else {}})


def test_each_resource_has_its_type_and_outputs(pulumi_program: Path) -> None:
    stack = {"urn": "urn:the-stack", "custom": False, "type": "pulumi:pulumi:Stack"}
    namespace = {"urn": URN, "id": "argocd", "inputs": {"a": 1}, **NAMESPACE}
    asked = prints(pulumi_program, state(stack, namespace))
    assert exported("site/protobox-cd/dev") == {
        "urn:the-stack": {"type": "pulumi:pulumi:Stack", "outputs": {}},
        URN: NAMESPACE,
    }
    assert asked.read_text().split() == [
        *("stack", "export", "--stack", "site/protobox-cd/dev", "--non-interactive")
    ]


def test_a_new_stack_has_nothing(pulumi_program: Path) -> None:
    prints(pulumi_program, state())
    assert exported("dev") == {}


def test_what_is_only_left_to_be_deleted_does_not_count(pulumi_program: Path) -> None:
    replaced = {**NAMESPACE, "urn": URN, "outputs": {"metadata": {"name": "of-before"}}, "delete": True}
    prints(pulumi_program, state({**NAMESPACE, "urn": URN}, replaced))
    assert exported("dev") == {URN: NAMESPACE}


@pytest.mark.parametrize("script", ["exit 255", "echo no JSON", "echo '[]'", "echo '{}'", "exec sleep 60"])
def test_where_it_cannot_be_exported_the_engine_is_asked(
    pulumi_program: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    pulumi_program.write_text(f"#!/bin/sh\n{script}\n")
    monkeypatch.setattr(sdk, "_PATIENCE", 0.3 if "sleep" in script else 30.0)
    assert exported("dev") is None


def test_without_the_program_the_engine_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert exported("dev") is None


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
