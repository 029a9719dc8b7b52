"""The stand-in of GitLab's API tells of the real repositories what discovery asks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.projects.discover import DiscoverSettings, Found
from components.projects.discovery import DiscoveryError, discover
from components.projects.git import GitSettings
from lab.environment import on_the_site
from lab.first_sync.git_server import PREFIX, git_server
from tests.serving import serving_in_a_thread

OWN = "factory/CD/argo/application.yml"


def git(folder: Path, *arguments: str) -> None:
    who = {f"GIT_{name}_{what}": "a" for name in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(folder), *arguments], env=on_the_site() | who, check=True)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The Git server with an empty repository, one with manifests, and one with an Application file, too."""
    for name, files in {"empty": (), "docs": ("base/a.yaml",), "shop": ("base/a.yaml", OWN)}.items():
        bare, clone = tmp_path / "git" / "protobox1" / f"{name}.git", tmp_path / name
        for folder, options in ((bare, ["--bare"]), (clone, [])):
            folder.mkdir(parents=True)
            git(folder, "init", "--quiet", "--initial-branch=CD", *options)
        for file in files:
            (clone / file).parent.mkdir(parents=True, exist_ok=True)
            (clone / file).write_text("kind: Application\n", encoding="utf-8")
        if files:
            git(clone, "add", ".")
            git(clone, "commit", "--quiet", "--message=a")
            git(clone, "push", "--quiet", str(bare), "CD")
    server = git_server(tmp_path / "git", "127.0.0.1", 0)
    with serving_in_a_thread(server):
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"


def test_projects_with_the_folder_are_found_with_their_own_files(url: str) -> None:
    git_section = GitSettings(baseUrl=url, path="base", revision="CD")
    found = discover(DiscoverSettings(group="protobox1"), git_section)
    assert found.asked == 3
    assert found.found == (Found("protobox1/docs"), Found("protobox1/shop", "kind: Application\n"))
    with pytest.raises(DiscoveryError, match="sees no group 'protobox2'"):
        discover(DiscoverSettings(group="protobox2"), git_section)
