from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.programs import find_programs, missing
from lab.programs.catalogue import CLUSTER
from lab.programs.finding import installed_pulumi

COMPANIONS = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")


def install(folder: Path, version: str = "v3.259.0", *, without: str = "", broken: str = "") -> Path:
    """Put an installed Pulumi into `folder`."""
    folder.mkdir(parents=True)
    for name in {"pulumi", *COMPANIONS} - {without}:
        program = folder / name
        answer = version if name == "pulumi" else "Usage"
        program.write_text(
            f"#!/bin/sh\n{'exit 1' if name == broken else f'echo {answer}'}\n", encoding="utf-8"
        )
        program.chmod(0o755)
    return folder / "pulumi"


@pytest.fixture
def installed(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "installed"))
    return tmp_path / "installed"


@pytest.mark.parametrize("version", ["v3.230.0", "v3.259.0", "v4.0.1"])
def test_an_installed_pulumi_is_used_and_not_built(installed: Path, version: str) -> None:
    pulumi = install(installed, version)
    assert installed_pulumi() == pulumi
    assert "pulumi" not in missing()


def test_an_installed_pulumi_is_followed_to_where_its_companions_are(installed: Path, tmp_path: Path) -> None:
    pulumi = install(tmp_path / "opt" / "pulumi")
    installed.mkdir()
    (installed / "pulumi").symlink_to(pulumi)
    assert installed_pulumi() == pulumi


def test_a_pulumi_that_is_too_old_is_built(installed: Path) -> None:
    install(installed, "v3.229.9")
    assert installed_pulumi() is None
    assert "pulumi" in missing()


@pytest.mark.parametrize("companion", COMPANIONS)
def test_a_pulumi_without_a_companion_is_built(installed: Path, companion: str) -> None:
    install(installed, without=companion)
    assert installed_pulumi() is None


def test_a_pulumi_whose_language_host_does_not_run_is_built(installed: Path) -> None:
    install(installed, broken="pulumi-language-python")
    assert installed_pulumi() is None


def test_our_own_pulumi_in_the_cache_does_not_count_as_installed(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi = install(cache / "pulumi-3.259.0")
    monkeypatch.setenv("PATH", str(pulumi.parent))
    assert installed_pulumi() is None


def test_what_is_missing_is_named_with_the_command_that_builds_it(installed: Path) -> None:
    assert {"coredns", "etcd", "kube-apiserver", "kubectl", "kwok", "plugins"} <= set(missing())
    with pytest.raises(LabError, match=r"(?s)missing: .*kube-apiserver.*Run `python -m lab build` once"):
        find_programs()


def test_what_is_in_the_cache_is_not_missing(installed: Path) -> None:
    cluster = next(binary for binary in CLUSTER.binaries if "etcd" in binary.links)
    cluster.path.parent.mkdir(parents=True)
    for file in cluster.files:
        file.touch()
    assert "etcd" not in missing()
