"""The site's Git server: what Argo CD clones, over HTTP as from GitLab."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.environment import on_the_site
from lab.errors import LabError
from lab.first_sync.git_server import PREFIX, git_server
from lab.first_sync.repository import Repository
from tests.serving import serving_in_a_thread

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
NAME = f"{PREFIX}/protobox1/docserver"
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of a Git server whose repositories are in `tmp_path / "git"`."""
    server = git_server(tmp_path / "git", "127.0.0.1", 0)
    with serving_in_a_thread(server):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def repository(tmp_path: Path, url: str) -> Repository:
    repository = Repository(tmp_path / "git", tmp_path / "clone", f"{url}{PREFIX}")
    repository.create()
    return repository


def head_of(url: str) -> str:
    listed = subprocess.run(
        ["git", "ls-remote", url, "refs/heads/CD"],
        capture_output=True,
        text=True,
        check=True,
        env=on_the_site(),
    )
    return listed.stdout.split()[0]


def test_what_is_pushed_through_the_server_is_what_others_find(repository: Repository, url: str) -> None:
    first = repository.first_push()
    assert head_of(f"{url}{NAME}.git") == first
    second = repository.push("Guten Tag")
    assert second != first
    assert head_of(f"{url}{NAME}.git") == second


def test_the_repository_that_the_user_works_on_is_neither_read_nor_written(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    subprocess.run(["git", "init", "--quiet", own], check=True, env=on_the_site())
    before = sorted((path, path.stat().st_mtime_ns) for path in own.rglob("*"))
    # As in a Git hook of that repository.
    for variable, path in (("DIR", ".git"), ("WORK_TREE", "."), ("INDEX_FILE", ".git/index")):
        monkeypatch.setenv(f"GIT_{variable}", str(own / path))
    repository = Repository(tmp_path / "git", tmp_path / "clone", f"{url}{PREFIX}")
    repository.create()
    pushed = repository.first_push()
    assert head_of(f"{url}{NAME}.git") == pushed
    assert sorted((path, path.stat().st_mtime_ns) for path in own.rglob("*")) == before


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_push_goes_to_the_server_whatever_proxy_the_user_has(
    repository: Repository, url: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.setenv(variable, NOBODY)
    pushed = repository.first_push()
    assert head_of(f"{url}{NAME}.git") == pushed


def test_a_push_changes_the_greeting_and_nothing_else(repository: Repository, tmp_path: Path) -> None:
    repository.first_push()
    repository.push('with "quotes": and a colon')
    changed = subprocess.run(
        ["git", "diff", "--stat", "HEAD~1"],
        cwd=tmp_path / "clone",
        capture_output=True,
        text=True,
        check=True,
        env=on_the_site(),
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
