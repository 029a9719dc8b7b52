from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.programs import cache_folder
from lab.programs.catalogue import (
    CLUSTER,
    ENGINE,
    KUBERNETES,
    OPTIONAL_SOURCES,
    PULUMI,
    SOURCES_TO_BUILD,
    required_version,
)

GO_MOD = "module x\n\nrequire one.org/a/v2 v2.3.4\n\nrequire (\n\tone.org/a v1.2.3 // indirect\n)\n"


def test_a_version_is_read_from_the_go_mod() -> None:
    assert required_version(GO_MOD, "one.org/a") == "1.2.3"
    assert required_version(GO_MOD, "one.org/a/v2") == "2.3.4"


def test_a_go_mod_without_the_module_is_told() -> None:
    with pytest.raises(LabError, match=r"does not name a version of one\.org/b"):
        required_version(GO_MOD, "one.org/b")


def test_programs_are_kept_by_version(cache: Path) -> None:
    paths = {binary.name: binary.path for binary in CLUSTER.binaries}
    assert paths["kube-apiserver"] == cache / f"kubernetes-{KUBERNETES.version}" / "kube-apiserver"


def test_the_engines_companions_are_beside_it(cache: Path) -> None:
    parts = [
        *(binary.path for source in SOURCES_TO_BUILD for binary in source.binaries),
        *(companion.path for companion in ENGINE.companions),
    ]
    assert {path.name for path in parts if path.parent == cache / f"pulumi-{PULUMI.version}"} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    }


def test_each_program_is_told_its_version() -> None:
    major, minor, _ = KUBERNETES.version.split(".")
    assert f"version.gitVersion=v{KUBERNETES.version} " in CLUSTER.version_flags
    assert f"version.gitMajor={major} " in CLUSTER.version_flags
    assert f"version.gitMinor={minor} " in CLUSTER.version_flags
    assert ENGINE.version_flags.endswith(f"version.Version=v{PULUMI.version}")


def test_every_program_has_a_tool_line_in_its_go_mod() -> None:
    for source in (*SOURCES_TO_BUILD, *OPTIONAL_SOURCES):
        go_mod = (source.folder / "go.mod").read_text(encoding="utf-8")
        assert [binary.name for binary in source.binaries if binary.package not in go_mod] == []


def test_without_xdg_cache_home_the_cache_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "/home/anna")
    assert cache_folder() == Path("/home/anna/.cache/protobox-cd")
