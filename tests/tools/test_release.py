"""A release: the next version by what has changed, its notes from the changelog, and nothing else changed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import release as program
from tools.release import ReleaseError, release

TODAY = dt.date(2026, 11, 29)
HEAD = "# Changes\n\nWhat a user sees.\n\n## Unreleased\n"
EARLIER = "\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- all\n"


def project(version: str) -> str:
    return f'[project]\nname = "protobox-cd"\nversion = "{version}"\nrequires-python = ">=3.11"\n'


@pytest.mark.parametrize(
    ("heading", "present", "following"),
    [
        ("Added", "0.1.0", "0.2.0"),
        ("Added", "1.4.2", "1.5.0"),
        ("Changed", "0.1.0", "0.1.1"),
        ("Fixed", "1.4.2", "1.4.3"),
        ("Changed for stacks that are deployed already", "0.1.9", "0.2.0"),
        ("Changed for stacks that are deployed already", "1.4.2", "2.0.0"),
        ("Removed", "1.4.2", "2.0.0"),
    ],
)
def test_the_next_version_is_that_of_semver(heading: str, present: str, following: str) -> None:
    made = release(f"{HEAD}\n### {heading}\n\n- a\n", project(present), TODAY)
    assert made.version == following
    assert made.project == project(following)


def test_what_is_unreleased_stands_below_its_version_and_what_was_there_stays() -> None:
    made = release(f"{HEAD}\n### Added\n\n- a\n- b\n{EARLIER}", project("0.1.0"), TODAY)
    assert made.notes == "### Added\n\n- a\n- b\n"
    assert made.changelog == f"{HEAD}\n## 0.2.0 (2026-11-29)\n\n### Added\n\n- a\n- b\n{EARLIER}"


def test_a_release_after_a_release_has_nothing_to_say() -> None:
    made = release(f"{HEAD}\n### Added\n\n- a\n{EARLIER}", project("0.1.0"), TODAY)
    with pytest.raises(ReleaseError, match="nothing below `## Unreleased`"):
        release(made.changelog, made.project, TODAY)


@pytest.mark.parametrize("wanted", ["0.1.0", "0.0.9", "next", "v0.2.0", "0.2"])
def test_a_version_that_is_no_later_one_is_refused(wanted: str) -> None:
    with pytest.raises(ReleaseError, match="is no later version than"):
        release(f"{HEAD}\n- a\n", project("0.1.0"), TODAY, wanted)


@given(st.lists(st.from_regex(r"[a-z `]{0,20}[a-z]", fullmatch=True), min_size=1, max_size=5))
def test_no_line_of_the_changelog_is_lost(items: list[str]) -> None:
    before = f"{HEAD}\n### Added\n\n" + "".join(f"- {item}\n" for item in items) + EARLIER
    made = release(before, project("0.1.0"), TODAY)
    added = {"## 0.2.0 (2026-11-29)"}
    assert [line for line in made.changelog.splitlines() if line and line not in added] == [
        line for line in before.splitlines() if line
    ]


def test_the_command_writes_both_files_and_says_how_to_tag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("CHANGELOG.md").write_text(f"{HEAD}\n### Added\n\n- a\n", encoding="utf-8")
    Path("pyproject.toml").write_text(project("0.1.0"), encoding="utf-8")
    assert program.main(["1.0.0"]) == 0
    assert "## 1.0.0 (" in Path("CHANGELOG.md").read_text(encoding="utf-8")
    assert Path("pyproject.toml").read_text(encoding="utf-8") == project("1.0.0")
    assert program.NOTES.read_text(encoding="utf-8") == "### Added\n\n- a\n"
    assert f"git tag --annotate v1.0.0 --cleanup=verbatim --file {program.NOTES}" in capsys.readouterr().out
    assert program.main([]) == 1
    assert "error: CHANGELOG.md has nothing" in capsys.readouterr().err


def test_the_projects_own_changelog_can_be_released() -> None:
    root = Path(__file__).parents[2]
    texts = [(root / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", "pyproject.toml")]
    if "## Unreleased\n\n###" in texts[0]:
        assert release(texts[0], texts[1], TODAY).notes.startswith("### ")
