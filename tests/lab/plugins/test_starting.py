"""The installed launchers, started as the engine starts them: in the program's folder."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # has no types

from lab.plugins.command.provider import RUN
from lab.plugins.install import OFFLINE, install_plugins
from lab.plugins.versions import PLUGINS, sdk_version
from tests.lab.plugins.wire import Wire, connected


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    install_plugins(Path("pulumi"), {OFFLINE: "1", "HOME": str(home)}, home)
    return home / "plugins"


@contextmanager
def started(plugins: Path, name: str, folder: Path) -> Iterator[tuple["subprocess.Popen[str]", Wire]]:
    launcher = plugins / f"resource-{name}-v{sdk_version(name)}" / f"pulumi-resource-{name}"
    with subprocess.Popen(
        [launcher], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            with connected(int(process.stdout.readline())) as wire:
                yield process, wire
        finally:
            process.kill()


@pytest.mark.parametrize("name", PLUGINS)
def test_a_launcher_prints_its_port_and_answers(plugins: Path, tmp_path: Path, name: str) -> None:
    # What lies in the program's folder must not be imported instead of the stand-in.
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    with started(plugins, name, tmp_path) as (_, wire):
        assert wire.stub.GetPluginInfo(empty_pb2.Empty()).version == sdk_version(name)


def test_commands_run_in_the_programs_folder_and_inherit_no_import_path(
    plugins: Path, tmp_path: Path
) -> None:
    with started(plugins, "command", tmp_path) as (_, wire):
        printed = wire.invoke(RUN, {"command": "pwd; echo ${PYTHONPATH:-none}"})["stdout"]
    assert printed.splitlines() == [str(tmp_path), os.environ.get("PYTHONPATH", "none")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stand_in_ends_quietly_when_the_engine_is_done(plugins: Path, tmp_path: Path, number: int) -> None:
    with started(plugins, "kubernetes", tmp_path) as (process, _):
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_stand_in_ends_when_its_engine_was_killed(plugins: Path, tmp_path: Path) -> None:
    launcher = next((plugins / f"resource-command-v{sdk_version('command')}").glob("pulumi-*"))
    # This shell plays the engine: it tells the number of the stand-in, and is killed once that has its port.
    with subprocess.Popen(
        ["sh", "-c", '"$1" & echo "number $!"; wait', "engine", launcher], stdout=subprocess.PIPE, text=True
    ) as engine:
        assert engine.stdout is not None
        printed = sorted(engine.stdout.readline().split() for _ in range(2))
        engine.kill()
    number = int(printed[1][1])
    with contextlib.suppress(psutil.NoSuchProcess):  # it may be gone already
        orphan = psutil.Process(number)
        try:
            orphan.wait(timeout=10)
        except psutil.TimeoutExpired:
            orphan.kill()
            raise


def test_starting_does_not_load_the_sdk_or_the_kubernetes_client() -> None:
    code = (
        "import sys, lab.plugins.servicer, lab.plugins.kubernetes.provider, lab.plugins.command.provider; "
        "print({'pulumi', 'lightkube', 'httpx2', 'yaml', 'pydantic'} & set(sys.modules) or 'none')"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"
