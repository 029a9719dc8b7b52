"""A runner for one job: its lines in a clean shell, in a fresh clone, with the variables of GitLab."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.gitlab_ci.pipeline import Job

ROOT = Path(__file__).parents[2]
_NOT_CLONED = (".git", ".venv*", ".lab", ".cache", "__pycache__", ".*_cache", ".hypothesis")
_SECONDS = 300


@dataclass(frozen=True)
class Done:
    """How a job ended.

    Attributes:
        exit_code: 0 is green, everything else is red.
        log: what GitLab shows of it.
    """

    exit_code: int
    log: str


def clone(folder: Path) -> Path:
    """Copy the project as it is now into `folder`, which must not exist; return it."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_NOT_CLONED))
    return folder


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Return `text` with the variables in it, as GitLab fills them in before a job starts."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: variables.get(found[1] or found[2], ""), text)


def run(job: Job, folder: Path, variables: Mapping[str, str]) -> Done:
    """Run a job in its clone, as GitLab's runner does: one bash for all lines, which ends at the first error.

    Args:
        job: the job; its own variables may name others.
        folder: the clone.
        variables: GitLab's, those of the project's settings, and the image's, such as PATH. The shell gets
            nothing else.
    """
    given = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(folder), **variables}
    given |= {name: expanded(value, given) for name, value in job.variables.items()}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job.script)],
        cwd=folder,
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout)
