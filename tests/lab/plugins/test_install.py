"""Which plugins the engine will find, with a fake `pulumi` that can or cannot download."""

import dataclasses
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.plugins import OFFLINE, Plugin, install_plugins, notice
from lab.programs import Programs
from lab.programs.catalogue import KUBERNETES_SDK
from tests.lab.some_programs import some_programs
from tools.plugins import PLUGINS, sdk_version

MakePulumi = Callable[[str], Programs]

DOWNLOADS = """
folder="$PULUMI_HOME/plugins/resource-$4-v$5"
mkdir -p "$folder"; echo real > "$folder/pulumi-resource-$4"
"""
FAILS = "exit 1"


@pytest.fixture
def make_pulumi(tmp_path: Path) -> MakePulumi:
    def make(script: str) -> Programs:
        program = tmp_path / "pulumi"
        program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{script}\n')
        program.chmod(0o755)
        return some_programs(pulumi=program, plugins=tmp_path / "lab" / "plugins")

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


def put_exact_plugin(folder: Path, name: str) -> None:
    real = program(folder, name)
    real.parent.mkdir(parents=True)
    real.write_text("real")


def exact(plugins: list[Plugin]) -> dict[str, bool]:
    return {plugin.name: plugin.is_exact for plugin in plugins}


ALL_OF_THE_LAB = dict.fromkeys(PLUGINS, False)
ALL_EXACT = dict.fromkeys(PLUGINS, True)


def test_the_versions_are_those_of_the_sdk_packages() -> None:
    pinned = Path(__file__).parents[3].joinpath("requirements.txt").read_text(encoding="utf-8").split()
    for name in PLUGINS:
        assert f"pulumi-{name}=={sdk_version(name)}" in pinned


def test_what_can_be_downloaded_is_downloaded(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    assert exact(install_plugins(make_pulumi(DOWNLOADS), environment, home)) == ALL_EXACT
    assert program(home, "kubernetes").read_text() == "real\n"
    assert calls(tmp_path) == sorted(
        f"plugin install resource {name} {sdk_version(name)}" for name in PLUGINS
    )


def test_in_place_of_what_cannot_be_downloaded_the_labs_is_linked(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    assert exact(install_plugins(make_pulumi(FAILS), environment, home)) == ALL_OF_THE_LAB
    for name in PLUGINS:
        link = program(home, name)
        assert link.readlink() == tmp_path / "lab" / "plugins"
        assert link.with_name("schema.json").readlink() == tmp_path / "lab" / "schema.json"
        # With such a file the engine would start it in another way.
        assert not link.with_name("PulumiPlugin.yaml").exists()
    assert {path.name for path in (home / "plugins").iterdir()} == {
        program(home, name).parent.name for name in PLUGINS
    }


def test_a_newer_build_of_the_labs_takes_the_place_of_the_older(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    older = make_pulumi(FAILS)
    install_plugins(older, environment, home)
    install_plugins(dataclasses.replace(older, plugins=tmp_path / "newer"), environment, home)
    assert program(home, "kubernetes").readlink() == tmp_path / "newer"


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
    monkeypatch.setattr("lab.plugins.time.time", lambda: a_day_later)
    install_plugins(pulumi, environment, home)
    assert len(calls(tmp_path)) == 2 * len(PLUGINS)


def test_a_download_that_hangs_is_given_up(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.plugins._DOWNLOAD_SECONDS", 0.2)
    started = time.monotonic()
    assert exact(install_plugins(make_pulumi("exec sleep 30"), environment, home)) == ALL_OF_THE_LAB
    assert time.monotonic() - started < 10


def test_offline_never_tries(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    pulumi = make_pulumi(DOWNLOADS)
    assert exact(install_plugins(pulumi, environment | {OFFLINE: "1"}, home)) == ALL_OF_THE_LAB
    assert calls(tmp_path) == []
    assert not (home / "plugins-unavailable.json").exists()


def test_an_exact_plugin_that_is_there_is_used_without_asking(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    put_exact_plugin(home, "command")
    found = exact(install_plugins(make_pulumi(FAILS), environment, home))
    assert found == {"kubernetes": False, "command": True}
    assert program(home, "command").read_text() == "real"
    assert len(calls(tmp_path)) == 1


def test_an_exact_plugin_of_the_users_own_pulumi_is_taken_as_a_folder_of_its_own(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    for name in PLUGINS:
        put_exact_plugin(Path(environment["HOME"]) / ".pulumi", name)
    assert exact(install_plugins(make_pulumi(FAILS), environment, home)) == ALL_EXACT
    # The engine overlooks a folder that is only a link.
    assert not program(home, "kubernetes").parent.is_symlink()
    assert calls(tmp_path) == []


def test_a_plugin_that_is_still_being_installed_does_not_count(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path
) -> None:
    theirs = Path(environment["HOME"]) / ".pulumi"
    put_exact_plugin(theirs, "command")
    folder = program(theirs, "command").parent
    folder.with_name(f"{folder.name}.partial").touch()
    assert exact(install_plugins(make_pulumi(FAILS), environment, home)) == ALL_OF_THE_LAB


def test_the_labs_gives_way_to_the_exact_plugin(
    make_pulumi: MakePulumi, environment: dict[str, str], home: Path
) -> None:
    offline = environment | {OFFLINE: "1"}
    pulumi = make_pulumi(DOWNLOADS)
    assert exact(install_plugins(pulumi, offline, home)) == ALL_OF_THE_LAB
    put_exact_plugin(Path(environment["HOME"]) / ".pulumi", "command")
    assert exact(install_plugins(pulumi, offline, home)) == {"kubernetes": False, "command": True}
    assert exact(install_plugins(pulumi, environment, home)) == ALL_EXACT
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


def test_the_notice_says_how_old_the_kubernetes_plugin_is_and_that_the_other_is_a_stand_in() -> None:
    ours = [Plugin(name, sdk_version(name), is_exact=False) for name in PLUGINS]
    exact = [Plugin(name, sdk_version(name), is_exact=True) for name in PLUGINS]
    both = notice(ours)
    assert both is not None
    assert "\n" not in both
    assert "the Kubernetes plugin is the real one as of January 2026" in both
    assert f"{KUBERNETES_SDK.version} (the SDK here is {sdk_version('kubernetes')})" in both
    assert f"command plugin {sdk_version('command')} is played by the lab's stand-in" in both
    assert "command" not in (notice([ours[0], exact[1]]) or "")
    assert "Kubernetes" not in (notice([exact[0], ours[1]]) or "")
    assert notice(exact) is None
