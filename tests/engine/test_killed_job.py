"""The job `up` of many projects is killed before its state is written, and a person starts it again."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from lab.engine import Engine
from lab.environment import STACK
from lab.processes import wait_until
from review.up import ACCEPT
from tests.engine.site import Site
from tests.engine.test_gitlab_ci import COMMIT, Project
from tests.review.gitlab import GitLab, serving
from tools.checkpoints import ENOUGH

pytestmark = pytest.mark.engine


def test_the_job_names_what_it_takes_up_and_goes_on_when_a_person_accepts_that(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = [f"p{number}" for number in range(ENOUGH)]
    with serving(GitLab()) as gitlab:
        project = Project(site.lab, gitlab, tmp_path_factory.mktemp("project"))
        declare(project.clone / f"Pulumi.{STACK}.yaml", names)
        assert project.run("preview", 1001).exit_code == 0
        gitlab.merge_request.state, gitlab.merge_request.commits = "merged", [COMMIT]
        with ThreadPoolExecutor() as pool:
            job = pool.submit(project.run, "up", 1002)
            assert wait_until(lambda: job.done() or site.has_applications(10), 600, pause=0.1)
            site.kill_pulumi()
            killed = job.result()
        assert killed.exit_code != 0
        assert "Pulumi writes its state once, at the end" in killed.log
        engine = Engine(site.lab, project.clone)
        assert not [one for one in engine.resources() if "Application" in one["type"]]
        engine.run("cancel", "--yes")
        again = project.run("up", 1002)
        assert "adopt project p0" in again.log
        accepted = re.search(rf"{ACCEPT}=(\w+)", again.log)
        assert accepted, again.log
        accepting = project.run("up", 1002, **{ACCEPT: accepted[1]})
    assert accepting.exit_code == 0, accepting.log
    assert set(site.applications()) == {f"argo-{name}" for name in names}


def declare(file: Path, names: list[str]) -> None:
    """Write projects into a stack file."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["config"]["protobox-cd:projects"] = {name: {} for name in names}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
