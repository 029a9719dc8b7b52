from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.programs import cache_folder, catalogue
from lab.programs.catalogue import (
    ARGOCD,
    ARGOCD_MANIFEST,
    CLUSTER,
    CRDS,
    ENGINE,
    KUBERNETES,
    OPTIONAL_SOURCES,
    PULUMI,
    PYTHON_HOST,
    SOURCES,
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
    assert ARGOCD_MANIFEST.path == cache / f"argocd-{ARGOCD.version}" / "install.yaml"


def test_what_is_made_of_our_own_code_is_kept_by_the_content_of_its_module(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {binary.path.parent for binary in CLUSTER.binaries}
    shutil.copytree(SOURCES, tmp_path / "sources")
    with (tmp_path / "sources" / "go" / "coredns" / "main.go").open("a") as code:
        code.write("// changed")
    monkeypatch.setattr(catalogue, "SOURCES", tmp_path / "sources")
    assert len(paths | {binary.path.parent for binary in CLUSTER.binaries}) == 2
    assert all(path.parent == cache for path in paths)


def test_the_engines_companions_are_beside_it(cache: Path) -> None:
    parts = [
        *(binary.path for source in (PYTHON_HOST, ENGINE) for binary in source.binaries),
        *(companion.path for companion in ENGINE.companions),
    ]
    assert {path.name for path in parts if path.parent == PULUMI.folder} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    }


def test_each_program_is_told_its_version() -> None:
    major, minor, _ = KUBERNETES.version.split(".")
    flags = CLUSTER.version_flags.split()
    for name, value in {"Version": f"v{KUBERNETES.version}", "Major": major, "Minor": minor}.items():
        assert f"k8s.io/component-base/version.git{name}={value}" in flags
    assert ENGINE.version_flags.endswith(f"version.Version=v{PULUMI.version}")


def test_every_program_is_our_own_or_has_a_tool_line_in_its_go_mod() -> None:
    for source in (PYTHON_HOST, ENGINE, CLUSTER, CRDS, *OPTIONAL_SOURCES):
        go_mod = (source.folder / "go.mod").read_text(encoding="utf-8")
        packages = {binary.package for binary in source.binaries}
        others = {package for package in packages if package not in go_mod}
        assert all((source.folder / package / "main.go").is_file() for package in others)


def test_without_xdg_cache_home_the_cache_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "/home/anna")
    assert cache_folder() == Path("/home/anna/.cache/protobox-cd")
