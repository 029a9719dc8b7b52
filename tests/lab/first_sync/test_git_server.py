"""The site's Git server: what Argo CD clones, over HTTP as from GitLab."""

from __future__ import annotations

import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.first_sync.git_server import PREFIX, git_server
from lab.first_sync.repository import Repository

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
NAME = f"{PREFIX}/protobox1/docserver"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of a Git server whose repositories are in `tmp_path / "git"`."""
    server = git_server(tmp_path / "git", "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def repository(tmp_path: Path, url: str) -> Repository:
    repository = Repository(tmp_path / "git", tmp_path / "clone", f"{url}{PREFIX}")
    repository.create()
    return repository


def head_of(url: str) -> str:
    listed = subprocess.run(
        ["git", "ls-remote", url, "refs/heads/CD"], capture_output=True, text=True, check=True
    )
    return listed.stdout.split()[0]


def test_what_is_pushed_through_the_server_is_what_others_find(repository: Repository, url: str) -> None:
    first = repository.first_push()
    assert head_of(f"{url}{NAME}.git") == first
    second = repository.push("Guten Tag")
    assert second != first
    assert head_of(f"{url}{NAME}.git") == second


def test_a_push_changes_the_greeting_and_nothing_else(repository: Repository, tmp_path: Path) -> None:
    repository.first_push()
    repository.push('with "quotes": and a colon')
    changed = subprocess.run(
        ["git", "diff", "--stat", "HEAD~1"],
        cwd=tmp_path / "clone",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "configmap.yaml | 2 +-" in changed
    text = (tmp_path / "clone/factory/CD/base/configmap.yaml").read_text(encoding="utf-8")
    assert text.endswith('  greeting: "with \\"quotes\\": and a colon"\n')


def test_without_git_at_the_end_the_server_redirects_as_gitlab_does(repository: Repository, url: str) -> None:
    repository.first_push()
    with OPENER.open(f"{url}{NAME}/info/refs?service=git-upload-pack", timeout=5) as answer:
        assert answer.url == f"{url}{NAME}.git/info/refs?service=git-upload-pack"


@pytest.mark.parametrize(
    "path", ["/", "/protobox1/docserver.git/info/refs", f"{NAME}.git", f"{PREFIX}/../etc/info/refs"]
)
def test_everything_else_does_not_exist(url: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        OPENER.open(f"{url}{path}", timeout=5)


def test_a_push_that_fails_says_what_git_said(tmp_path: Path) -> None:
    nowhere = Repository(tmp_path / "git", tmp_path / "clone", "http://127.0.0.1:1/gitlab")
    with pytest.raises(LabError, match=r"git push .* failed:\n.*127\.0\.0\.1"):
        nowhere.first_push()
