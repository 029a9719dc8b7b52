"""`make forget`: marks and state go, after a question, and nothing else is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from components.cluster import pulumi_command
from components.cluster.objects import Mark
from tools import forget

GUARD = {
    "type": "pulumi-python:dynamic/projects:FinalizerGuard",
    "inputs": {"context": "site", "namespace": "gitops", "stack": "prod", "identity": "0123456789ab"},
}
STATE = {
    "version": 3,
    "deployment": {"manifest": {}, "resources": [{"urn": "a"}, GUARD], "pending_operations": [1]},
}
NAMESPACE = "/api/v1/namespaces/gitops"


class World:
    """Pulumi and the cluster, as far as they are asked."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = json.loads(json.dumps(STATE))
        self.unmarked: list[str] = []

    def pulumi(self, *arguments: str, given: str = "", **_: object) -> str:
        if arguments[:2] == ("stack", "import"):
            self.state = json.loads(given)
        return json.dumps(self.state)

    def take_marks_off(self, _cluster: object, path: str, mark: Mark) -> None:
        assert mark == Mark("prod", "0123456789ab")
        self.unmarked.append(path)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    @contextmanager
    def reader(context: str) -> Iterator[str]:
        assert context == "site"
        yield context

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(forget, "run_pulumi", made.pulumi)
    monkeypatch.setattr(pulumi_command, "run_pulumi", made.pulumi)
    monkeypatch.setattr(forget, "Reader", reader)
    monkeypatch.setattr(
        forget, "marked", lambda _cluster, namespace, _stack: [f"/api/v1/namespaces/{namespace}"]
    )
    monkeypatch.setattr(forget, "take_marks_off", made.take_marks_off)
    return made


def test_after_a_yes_the_state_is_empty_and_the_marks_are_gone(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    assert forget.main(["prod"]) == 0
    assert world.state["deployment"] == {"manifest": {}, "resources": [], "pending_operations": []}
    assert world.unmarked == [NAMESPACE]
    (kept,) = Path(".cache").iterdir()
    assert json.loads(kept.read_text(encoding="utf-8")) == STATE
    assert kept.stat().st_mode & 0o077 == 0
    printed = capsys.readouterr().out
    assert NAMESPACE in printed
    assert str(kept) in printed


@pytest.mark.parametrize("answer", ["", "no"])
def test_without_a_yes_nothing_is_changed(world: World, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    assert forget.main(["prod"]) == 1
    assert world.state == STATE
    assert world.unmarked == []


def test_an_empty_state_has_nothing_to_forget(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.state["deployment"]["resources"] = []
    assert forget.main(["prod", "--yes"]) == 0
    assert "there is nothing to forget" in capsys.readouterr().out
    assert world.unmarked == []


def test_a_state_that_does_not_know_its_cluster_is_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.state["deployment"]["resources"] = [{"type": "kubernetes:core/v1:Namespace"}]
    assert forget.main(["prod", "--yes"]) == 1
    assert "run `pulumi up` first" in capsys.readouterr().err


def test_pulumis_own_words_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "pulumi"
    program.write_text("#!/bin/sh\necho 'error: the stack is locked' >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(pulumi_command.PulumiError, match="the stack is locked"):
        pulumi_command.run_pulumi("stack", "export")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pulumi_command.PulumiError, match="not on PATH"):
        pulumi_command.run_pulumi("stack", "export")
