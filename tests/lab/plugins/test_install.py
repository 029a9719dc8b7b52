"""Which plugins the engine will find, with a fake `pulumi` that can or cannot download."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.plugins import install
from lab.plugins.install import OFFLINE, Plugin, install_plugins, stand_in_notice
from lab.plugins.versions import PLUGINS, sdk_version

MakePulumi = Callable[[str], Path]

DOWNLOADS = """
folder="$PULUMI_HOME/plugins/resource-$4-v$5"
mkdir -p "$folder"; echo real > "$folder/pulumi-resource-$4"
"""
FAILS = "exit 1"


@pytest.fixture
def make_pulumi(tmp_path: Path) -> MakePulumi:
    def make(script: str) -> Path:
        program = tmp_path / "pulumi"
        program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{script}\n')
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "user")}


def calls(tmp_path: Path) -> list[str]:
    file = tmp_path / "calls"
    return sorted(file.read_text().splitlines()) if file.exists() else []


def program(home: Path, name: str) -> Path:
    return home / "plugins" / f"resource-{name}-v{sdk_version(name)}" / f"pulumi-resource-{name}"


def put_real_plugin(folder: Path, name: str) -> None:
    real = program(folder, name)
    real.parent.mkdir(parents=True)
    real.write_text("real")


def real(plugins: list[Plugin]) -> dict[str, bool]:
    return {plugin.name: plugin.is_real for plugin in plugins}


ALL_STAND_INS = dict.fromkeys(PLUGINS, False)
ALL_REAL = dict.fromkeys(PLUGINS, True)


def test_the_versions_are_those_of_the_sdk_packages() -> None:
    pinned = Path(__file__).parents[3].joinpath("requirements.txt").read_text(encoding="utf-8").split()
    for name in PLUGINS:
        assert f"pulumi-{name}=={sdk_version(name)}" in pinned


def test_what_can_be_downloaded_is_real(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    assert real(install_plugins(make_pulumi(DOWNLOADS), environment, home)) == ALL_REAL
    assert program(home, "kubernetes").read_text() == "real\n"
    assert calls(tmp_path) == sorted(
        f"plugin install resource {name} {sdk_version(name)}" for name in PLUGINS
    )


def test_what_cannot_be_downloaded_becomes_a_stand_in(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path
) -> None:
    assert real(install_plugins(make_pulumi(FAILS), environment, home)) == ALL_STAND_INS
    for name in PLUGINS:
        launcher = program(home, name)
        assert os.access(launcher, os.X_OK)
        assert f"lab.plugins.{name}" in launcher.read_text()
        # With such a file the engine would start it in another way.
        assert not launcher.with_name("PulumiPlugin.yaml").exists()
    assert {path.name for path in (home / "plugins").iterdir()} == {
        program(home, name).parent.name for name in PLUGINS
    }


def test_a_failed_download_is_not_tried_again_for_a_day(
    make_pulumi: MakePulumi,
    environment: dict[str, str],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pulumi = make_pulumi(FAILS)
    install_plugins(pulumi, environment, home)
    install_plugins(pulumi, environment, home)
    assert len(calls(tmp_path)) == len(PLUGINS)
    a_day_later = time.time() + 24 * 60 * 60 + 1
    monkeypatch.setattr("lab.plugins.install.time.time", lambda: a_day_later)
    install_plugins(pulumi, environment, home)
    assert len(calls(tmp_path)) == 2 * len(PLUGINS)


def test_a_download_that_hangs_is_given_up(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_DOWNLOAD_SECONDS", 0.2)
    started = time.monotonic()
    assert real(install_plugins(make_pulumi("exec sleep 30"), environment, home)) == ALL_STAND_INS
    assert time.monotonic() - started < 10


def test_offline_never_tries(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    pulumi = make_pulumi(DOWNLOADS)
    assert real(install_plugins(pulumi, environment | {OFFLINE: "1"}, home)) == ALL_STAND_INS
    assert calls(tmp_path) == []
    assert not (home / "plugins-unavailable.json").exists()


def test_a_real_plugin_that_is_there_is_used_without_asking(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    put_real_plugin(home, "command")
    found = real(install_plugins(make_pulumi(FAILS), environment, home))
    assert found == {"kubernetes": False, "command": True}
    assert program(home, "command").read_text() == "real"
    assert len(calls(tmp_path)) == 1


def test_a_real_plugin_of_the_users_own_pulumi_is_taken_as_a_folder_of_its_own(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    for name in PLUGINS:
        put_real_plugin(Path(environment["HOME"]) / ".pulumi", name)
    assert real(install_plugins(make_pulumi(FAILS), environment, home)) == ALL_REAL
    # The engine overlooks a folder that is only a link.
    assert not program(home, "kubernetes").parent.is_symlink()
    assert calls(tmp_path) == []


def test_a_plugin_that_is_still_being_installed_does_not_count(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path
) -> None:
    theirs = Path(environment["HOME"]) / ".pulumi"
    put_real_plugin(theirs, "command")
    folder = program(theirs, "command").parent
    folder.with_name(f"{folder.name}.partial").touch()
    assert real(install_plugins(make_pulumi(FAILS), environment, home)) == ALL_STAND_INS


def test_a_stand_in_gives_way_to_the_real_plugin(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path
) -> None:
    offline = environment | {OFFLINE: "1"}
    pulumi = make_pulumi(DOWNLOADS)
    assert real(install_plugins(pulumi, offline, home)) == ALL_STAND_INS
    put_real_plugin(Path(environment["HOME"]) / ".pulumi", "command")
    assert real(install_plugins(pulumi, offline, home)) == {"kubernetes": False, "command": True}
    assert real(install_plugins(pulumi, environment, home)) == ALL_REAL
    assert [path.name for path in program(home, "kubernetes").parent.iterdir()] == [
        "pulumi-resource-kubernetes"
    ]


def test_an_unreadable_memory_is_no_obstacle(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path
) -> None:
    home.mkdir()
    memory = home / "plugins-unavailable.json"
    memory.write_text("{")
    install_plugins(make_pulumi(FAILS), environment, home)
    assert set(json.loads(memory.read_text())) == {f"{name}-{sdk_version(name)}" for name in PLUGINS}


def test_the_notice_names_the_stand_ins_in_one_line() -> None:
    stand_in, genuine = (
        Plugin("kubernetes", "4.34.2", is_real=False),
        Plugin("command", "1.2.1", is_real=True),
    )
    notice = stand_in_notice([stand_in, genuine])
    assert notice is not None
    assert "kubernetes 4.34.2" in notice
    assert "command" not in notice
    assert "\n" not in notice
    assert stand_in_notice([genuine]) is None
