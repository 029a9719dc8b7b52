"""The table in CONTRIBUTING.md: ten changes, the files that each touches, and a commit as an example."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (a .+|what .+) \| (.+) \| (?:([0-9a-f]{7}) )?\|$", PAGE, re.MULTILINE)
_FILE = re.compile(r"`([\w./-]+)`")


def test_there_are_ten_changes() -> None:
    assert len(ROWS) == 10


@pytest.mark.parametrize("files", [row[1] for row in ROWS])
def test_the_files_are_there(files: str) -> None:
    named = [name for name in _FILE.findall(files) if "/" in name or name.endswith((".txt", ".py"))]
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("commit", [row[2] for row in ROWS if row[2]])
def test_the_commit_is_one_of_this_repository(commit: str) -> None:
    git = ["git", "-C", str(ROOT)]
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository")
    shallow = subprocess.run(
        [*git, "rev-parse", "--is-shallow-repository"], capture_output=True, text=True, check=True
    )
    if shallow.stdout.strip() == "true":
        pytest.skip("this clone has no history")
    ancestor = [*git, "merge-base", "--is-ancestor", commit, "HEAD"]
    assert subprocess.run(ancestor, check=False, capture_output=True).returncode == 0
