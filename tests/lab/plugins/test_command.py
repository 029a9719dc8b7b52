"""The stand-in for the command plugin, started and called as the engine does it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # has no types
import pytest
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]  # has no types
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from lab.plugins import OFFLINE, install_plugins
from lab.programs import find_programs, missing
from tests.conftest import NOT_BUILT
from tools.plugins import sdk_version

pytestmark = pytest.mark.engine

URN = "urn:pulumi:dev::site::command:local:Command::hello"


class Command:
    """What the engine asks of the plugin."""

    def __init__(self, port: int) -> None:
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))

    def create(self, inputs: dict[str, Any], *, preview: bool = False) -> dict[str, Any]:
        request = provider_pb2.CreateRequest(urn=URN, properties=struct(inputs), preview=preview)
        return plain(self.stub.Create(request).properties)

    def update(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(id="a", urn=URN, olds=struct(old), news=struct(new))
        return plain(self.stub.Update(request).properties)

    def refusal(self, inputs: dict[str, Any]) -> str:
        with pytest.raises(grpc.RpcError) as caught:
            self.create(inputs)
        return str(caught.value.details())


def struct(values: dict[str, Any]) -> Any:
    return json_format.ParseDict(values, struct_pb2.Struct())


def plain(values: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(values))


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    if missing():
        pytest.skip(NOT_BUILT)
    home = tmp_path_factory.mktemp("home")
    install_plugins(find_programs(), {OFFLINE: "1", "HOME": str(home)}, home)
    folder = home / "plugins" / f"resource-command-v{sdk_version('command')}"
    with subprocess.Popen(
        [folder / "pulumi-resource-command"], cwd=home, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        started = Command(int(process.stdout.readline()))
        started.stub.Configure(provider_pb2.ConfigureRequest())
        yield started
        process.kill()


def test_create_runs_the_command_and_keeps_what_it_prints(command: Command) -> None:
    inputs = {"create": "echo $GREETING; echo oh >&2", "environment": {"GREETING": "hello"}}
    assert command.create(inputs) == {**inputs, "stdout": "hello", "stderr": "oh"}


def test_a_preview_runs_nothing(command: Command, tmp_path: Path) -> None:
    command.create({"create": f"touch {tmp_path}/ran"}, preview=True)
    assert list(tmp_path.iterdir()) == []


def test_folder_input_and_interpreter_are_honoured(command: Command, tmp_path: Path) -> None:
    inputs = {
        "create": "import os, sys; print(os.getcwd(), sys.stdin.read())",
        "dir": str(tmp_path),
        "interpreter": [sys.executable, "-c"],
        "stdin": "fed",
    }
    assert command.create(inputs)["stdout"] == f"{tmp_path} fed"


def test_a_command_need_not_read_its_input(command: Command) -> None:
    assert command.create({"create": "echo done", "stdin": "x" * 1_000_000})["stdout"] == "done"


def test_a_failing_command_is_an_error_with_what_it_printed(command: Command) -> None:
    told = command.refusal({"create": "echo out; echo why >&2; exit 3"})
    assert 'exit status 3: running "echo out; echo why >&2; exit 3":' in told
    assert "why" in told
    assert "no-such-program" in command.refusal({"create": "x", "interpreter": ["no-such-program"]})


def test_update_runs_its_own_command_with_the_earlier_output(command: Command) -> None:
    old = {"create": "echo one", "stdout": "one", "stderr": ""}
    new = {"create": "echo one", "update": "echo $PULUMI_COMMAND_STDOUT again"}
    assert command.update(old, new)["stdout"] == "one again"
    assert command.update(old, {"create": "echo two"})["stdout"] == "two"
    kept_out = {"create": "echo [$PULUMI_COMMAND_STDOUT]", "addPreviousOutputInEnv": False}
    assert command.update(old, kept_out)["stdout"] == "[]"


def test_delete_runs_its_command(command: Command, tmp_path: Path) -> None:
    state = {"delete": f"echo $PULUMI_COMMAND_STDOUT > {tmp_path}/gone", "stdout": "made", "stderr": ""}
    command.stub.Delete(provider_pb2.DeleteRequest(id="a", urn=URN, properties=struct(state)))
    assert (tmp_path / "gone").read_text() == "made\n"


def test_run_runs_at_once_in_the_programs_folder(command: Command) -> None:
    request = provider_pb2.InvokeRequest(tok="command:local:run", args=struct({"command": "pwd"}))
    assert "home" in plain(getattr(command.stub.Invoke(request), "return"))["stdout"]
