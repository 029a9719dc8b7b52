"""Programs that only some tests use: built on demand, and never missed by `make up`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from lab.__main__ import main
from lab.programs import PlainProgress, build, build_optional, find_optional, find_programs, missing
from lab.programs.catalogue import OPTIONAL_SOURCES

NAMES = [source.name for source in OPTIONAL_SOURCES]
MODULES = sorted(source.folder.name for source in OPTIONAL_SOURCES)


def quiet() -> PlainProgress:
    return PlainProgress(Console(file=io.StringIO()))


def builds(go: Path) -> list[str]:
    """Return the folders in which something was built, in the order of the alphabet."""
    calls = (go / "calls").read_text().splitlines()
    return sorted(call.split()[-1] for call in calls if call.startswith("build"))


def test_an_ordinary_build_leaves_them_out_and_nobody_misses_them(fake_go: Path) -> None:
    build(quiet())
    assert not set(NAMES) & set(builds(fake_go))
    assert missing() == []
    assert [find_optional(name) for name in NAMES] == [None] * len(NAMES)


def test_they_are_built_once_and_found_by_the_name_of_their_module(fake_go: Path, cache: Path) -> None:
    build_optional(progress=quiet())
    build_optional(progress=quiet())
    assert builds(fake_go) == MODULES
    for name in NAMES:
        program = find_optional(name)
        assert program
        assert program.is_relative_to(cache)


def test_a_full_build_on_the_command_line_builds_both_sets(
    fake_go: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--directory", str(tmp_path / "lab"), "build", "--full"]) == 0
    assert builds(fake_go) == sorted(["engine", "go", "python-host", *MODULES])
    assert find_programs()
    assert "The lab's programs are in" in capsys.readouterr().out


def test_the_old_coredns_does_not_stand_where_the_new_one_does(fake_go: Path) -> None:
    new = build(quiet()).coredns
    build_optional(progress=quiet())
    assert find_optional("coredns-1.9") not in {None, new}


def test_a_name_that_no_module_has_is_a_mistake_of_the_caller(cache: Path) -> None:
    with pytest.raises(KeyError):
        find_optional("coredns-0.0")
