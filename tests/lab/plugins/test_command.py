"""The stand-in for the command plugin, over gRPC."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # has no types
import pytest

from lab.plugins.command.provider import COMMAND, RUN, Command
from lab.plugins.properties import UNKNOWN, Secret
from lab.plugins.protocol import provider_pb2
from tests.lab.plugins.wire import Wire, serving

URN = f"urn:pulumi:dev::site::{COMMAND}::hello"


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with serving(Command) as connection:
        yield connection


def error(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return str(caught.value.details())


def test_create_runs_the_command_and_keeps_what_it_prints(wire: Wire) -> None:
    inputs = {"create": "echo $GREETING; echo oh >&2", "environment": {"GREETING": "hello"}}
    id_, state = wire.create(URN, inputs)
    assert id_.startswith("hello")
    assert state == {**inputs, "stdout": "hello", "stderr": "oh"}


def test_only_the_last_line_break_is_cut(wire: Wire) -> None:
    assert wire.create(URN, {"create": "printf 'a\\n\\n'"})[1]["stdout"] == "a\n"


def test_a_preview_runs_nothing(wire: Wire, tmp_path: Path) -> None:
    id_, state = wire.create(URN, {"create": f"touch {tmp_path}/ran"}, preview=True)
    assert (id_, state["stdout"]) == ("", UNKNOWN)
    assert list(tmp_path.iterdir()) == []


def test_folder_input_and_interpreter_are_honoured(wire: Wire, tmp_path: Path) -> None:
    inputs = {
        "create": "import os, sys; print(os.getcwd(), sys.stdin.read())",
        "dir": str(tmp_path),
        "interpreter": [sys.executable, "-c"],
        "stdin": "fed",
    }
    assert wire.create(URN, inputs)[1]["stdout"] == f"{tmp_path} fed"


def test_a_failing_command_is_an_error_with_what_it_printed(wire: Wire) -> None:
    assert error(lambda: wire.create(URN, {"create": "echo out; echo why >&2; exit 3"})).startswith(
        "exit status 3: running 'echo out; echo why >&2; exit 3':"
    )
    assert "why" in error(lambda: wire.create(URN, {"create": "echo why >&2; false"}))


def test_a_program_that_is_missing_is_named(wire: Wire) -> None:
    assert "no-such-program" in error(
        lambda: wire.create(URN, {"create": "x", "interpreter": ["no-such-program"]})
    )


def test_update_runs_its_own_command_with_the_earlier_output(wire: Wire) -> None:
    old = {"create": "echo one", "stdout": "one", "stderr": ""}
    new = {"create": "echo one", "update": "echo $PULUMI_COMMAND_STDOUT again"}
    assert wire.update(URN, old, new)["stdout"] == "one again"
    assert wire.update(URN, old, {"create": "echo two"})["stdout"] == "two"


def test_the_earlier_output_can_be_kept_out_of_the_environment(wire: Wire) -> None:
    old = {"stdout": "one", "stderr": ""}
    new = {"create": "echo [$PULUMI_COMMAND_STDOUT]", "addPreviousOutputInEnv": False}
    assert wire.update(URN, old, new)["stdout"] == "[]"


def test_delete_runs_its_command(wire: Wire, tmp_path: Path) -> None:
    wire.delete(
        URN, {"delete": f"echo $PULUMI_COMMAND_STDOUT > {tmp_path}/gone", "stdout": "made", "stderr": ""}
    )
    assert (tmp_path / "gone").read_text() == "made\n"
    wire.delete(URN, {"create": "true", "stdout": "", "stderr": ""})


def test_triggers_replace_and_everything_else_updates(wire: Wire) -> None:
    old = {"create": "a", "triggers": [1, {"x": "y"}]}
    replaced = wire.diff(URN, old, {**old, "triggers": [1, {"x": "z"}]})
    assert list(replaced.replaces) == ["triggers[1].x"]
    changed = wire.diff(URN, old, {**old, "create": "b"})
    assert (list(changed.replaces), list(changed.diffs)) == ([], ["create"])
    assert wire.diff(URN, old, old).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_run_runs_at_once(wire: Wire) -> None:
    assert wire.invoke(RUN, {"command": "echo now"})["stdout"] == "now"


def test_a_command_that_was_given_a_secret_prints_secrets(wire: Wire) -> None:
    state = wire.create(URN, {"create": "echo $P", "environment": {"P": Secret("s")}})[1]
    assert state["stdout"] == Secret("s")


def test_a_command_need_not_read_its_input(wire: Wire) -> None:
    assert wire.create(URN, {"create": "echo done", "stdin": "x" * 1_000_000})[1]["stdout"] == "done"


def test_what_needs_the_real_plugin_is_refused(wire: Wire) -> None:
    remote = "urn:pulumi:dev::site::command:remote:Command::x"
    assert "command:remote:Command" in error(lambda: wire.check(remote, {}))
    (failure,) = wire.check(URN, {"create": "x", "assetPaths": ["*"]}).failures
    assert failure.property == "assetPaths"
    assert "archivePaths" in error(lambda: wire.invoke(RUN, {"command": "x", "archivePaths": ["*"]}))
    assert "command:local:other" in error(lambda: wire.invoke("command:local:other", {}))
