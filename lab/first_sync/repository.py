"""The project's repository `protobox1/docserver`, and pushes to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from lab.environment import on_the_site
from lab.errors import LabError

GROUP, PROJECT, BRANCH, PATH = "protobox1", "docserver", "CD", "factory/CD/base"
_MANIFESTS = Path(__file__).parent / PROJECT
_GREETING = "configmap.yaml"


class Repository:
    """The bare repository of the Git server, and a clone of it in which a developer works.

    Args:
        bare: the folder of the Git server's repositories.
        clone: where the developer works.
        url: the Git server, such as `http://192.168.1.7/gitlab`.
    """

    def __init__(self, bare: Path, clone: Path, url: str) -> None:
        self._bare = bare / GROUP / f"{PROJECT}.git"
        self._clone = clone
        self._url = f"{url}/{GROUP}/{PROJECT}.git"

    def create(self) -> None:
        """Create the repository, with the project's manifests on the branch `CD`."""
        self._bare.mkdir(parents=True)
        _git(self._bare, "init", "--quiet", "--bare", f"--initial-branch={BRANCH}")
        _git(self._bare, "config", "http.receivepack", "true")

    def first_push(self) -> str:
        """Push the project's manifests through the Git server, and return the revision."""
        self._clone.mkdir()
        _git(self._clone, "init", "--quiet", f"--initial-branch={BRANCH}")
        _git(self._clone, "remote", "add", "origin", self._url)
        shutil.copytree(_MANIFESTS, self._clone / PATH)
        return self._push("The project's manifests")

    def push(self, greeting: str) -> str:
        """Change the text that the project shows, push it, and return the revision."""
        file = self._clone / PATH / _GREETING
        lines = file.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("  greeting:")]
        file.write_text("\n".join([*kept, f"  greeting: {json.dumps(greeting)}", ""]), encoding="utf-8")
        return self._push(f"Say {greeting}")

    def _push(self, message: str) -> str:
        _git(self._clone, "add", "--all")
        _git(self._clone, "commit", "--quiet", f"--message={message}")
        _git(self._clone, "push", "--quiet", "origin", BRANCH)
        return _git(self._clone, "rev-parse", "HEAD").strip()


def _git(folder: Path, *arguments: str) -> str:
    person = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A developer"), ("EMAIL", "developer@protobox"))
    }
    # Settings of the user's own, such as signed commits, do not count here.
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=on_the_site() | person | own,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LabError(f"`git {' '.join(arguments)}` failed:\n{done.stderr}")
    return done.stdout
