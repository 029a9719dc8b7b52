"""The command: what it prints, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.cluster.errors import ClusterError
from components.cluster.pulumi_command import PulumiError
from tests.site import SITE
from tests.tools.status.site import application, failing
from tools.command_line import Mark, Row
from tools.status import __main__ as command


class World:
    """The cluster, as far as it is asked."""

    def __init__(self) -> None:
        self.applications = [application()]
        self.dns = Row(Mark.OK, "kube-system/coredns", "fine")
        self.error: ClusterError | None = None
        self.state: list[Any] | None = []

    def get(self, _path: str) -> Any:
        if self.error:
            raise self.error
        return {"items": self.applications}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    @contextmanager
    def reader(_context: str, _patience: float) -> Iterator[World]:
        yield made

    def exported(_stack: str) -> dict[str, Any]:
        raise PulumiError("no stack named 'prod' found")

    def dns_rows(*arguments: Any) -> list[Row]:
        made.state = arguments[-1]
        return [made.dns]

    monkeypatch.chdir(tmp_path)
    content = {f"protobox-cd:{key}": value for key, value in SITE.items()}
    Path("Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": content}), encoding="utf-8")
    monkeypatch.setattr(command, "Reader", reader)
    monkeypatch.setattr(command, "exported", exported)
    monkeypatch.setattr(command, "dns_rows", dns_rows)
    monkeypatch.setattr(command, "argocd_rows", lambda *_: [Row(Mark.SKIPPED, "comparing", "a lab")])
    return made


def test_a_stack_that_is_fine_ends_with_0_and_tells_all_three_parts(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["prod"]) == 0
    printed = capsys.readouterr().out
    assert "argo-docserver  3b18e51" in printed
    assert "\nDNS\n  ok       kube-system/coredns  fine\n" in printed
    assert "\nArgo CD\n  skipped  comparing  a lab\n" in printed
    assert "images     none of 0 is from a host that only the site knows" in printed
    assert world.state == []  # a state that cannot be read is none


def test_what_is_degraded_ends_with_1(world: World) -> None:
    world.applications = [failing("argo-docserver")]
    assert command.main(["prod"]) == 1
    world.applications = [application()]
    world.dns = Row(Mark.FAILED, "kube-system/coredns", "not as declared")
    assert command.main(["prod"]) == 1


def test_as_json_it_is_for_a_program(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.applications = [failing("argo-docserver")]
    assert command.main(["prod", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["stack"], found["degraded"]) == ("prod", True)
    assert found["applications"][0]["error"].startswith("the host's name")
    assert found["dns"][0]["mark"] == "ok"


def test_a_cluster_that_does_not_answer_is_one_message(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.error = ClusterError("it does not answer", "why", "fix")
    assert command.main(["prod"]) == 1
    assert capsys.readouterr().err.startswith("error: it does not answer")


def test_a_stack_file_with_mistakes_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Pulumi.prod.yaml").write_text("config: {protobox-cd:projects: {a: {pth: b}}}\n", encoding="utf-8")
    assert command.main(["prod"]) == 2
    assert "pth" in capsys.readouterr().err
    assert world.state == []
