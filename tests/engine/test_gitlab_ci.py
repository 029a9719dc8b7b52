"""The jobs of `.gitlab-ci.yml` that run Pulumi, one after the other, on the lab and a stand-in for GitLab."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lab import site as places
from lab.engine import Engine, stack_environment
from lab.environment import STACK
from lab.lab import Lab
from review.digest import read_preview
from review.guard import ALLOWED
from tests.engine.conftest import a_site
from tests.engine.reader import reading
from tests.engine.site import Site
from tests.gitlab_ci.pipeline import Job, jobs, load
from tests.gitlab_ci.runner import ROOT, Done, clone, run
from tests.review.gitlab import GitLab, serving
from tests.review.real_previews import FOLDER

pytestmark = pytest.mark.engine

JOBS = {job.name: job for job in jobs(load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8")))}
OF_THE_IMAGE = ("PATH", "PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK")
OF_THE_PROJECT = ("KUBECONFIG", "PULUMI_BACKEND_URL", "VAULT_ADDR", "VAULT_TOKEN")
"""What no environment `preview/*` gets. An earlier test's state has its key in the Vault."""
PASSWORD = "hunter-two-of-the-git-server"  # noqa: S105  # invented
HOSTILE = [
    "env",
    "cat $KUBECONFIG",
    "pulumi stack export --show-secrets",
    "pulumi config --show-secrets --json",
    "pulumi stack output --show-secrets --json",
]
"""What a branch may write into its `.gitlab-ci.yml` behind what is there."""
OF_MERGE_REQUESTS = "CI_MERGE_REQUEST_"
COMMIT = "0abc12"


class Project:
    """The project in GitLab, with its settings, a runner on the lab, and one clone for all jobs."""

    def __init__(self, lab: Lab, gitlab: GitLab, folder: Path) -> None:
        self.clone = clone(folder / "clone")
        self._gitlab = gitlab
        passphrase = folder / "passphrase"
        passphrase.write_text("", encoding="utf-8")  # the lab's is empty
        of_lab = stack_environment(lab)
        self._variables = {
            **{name: of_lab[name] for name in OF_THE_IMAGE},
            "VIRTUAL_ENV": sys.prefix,
            "HOME": str(folder),
        }
        self._protected = {
            **{name: of_lab[name] for name in OF_THE_PROJECT},
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        }
        engine = Engine(lab, self.clone)
        engine.prepare()
        template = "protobox-cd:credentialTemplates.gitlab"
        for key, value in (("url", "http://git.protobox/gitlab/"), ("username", "deploy")):
            engine.run("config", "set", "--path", f"{template}.{key}", value)
        engine.run("config", "set", "--secret", "--path", f"{template}.password", PASSWORD)

    def run(self, name: str, pipeline: int, **variables: str) -> Done:
        """Run a job with the lab's stack in place of the site's, in a pipeline with this number.

        Args:
            name: the job's name in `.gitlab-ci.yml`.
            pipeline: the pipeline's number.
            variables: more variables of the project.
        """
        return self._run(JOBS[f"{name}: [dev]"], pipeline, variables)

    def print_everything(self, pipeline: int) -> Done:
        """Run a branch's own idea of the job `preview`, with what any branch gets."""
        job = JOBS["preview: [dev]"]
        told = [f"{line} 2>&1 || true" for line in HOSTILE]
        return self._run(replace(job, content={**job.content, "script": [*job.script, *told]}), pipeline, {})

    def _run(self, job: Job, pipeline: int, variables: Mapping[str, str]) -> Done:
        of_gitlab, given = self._gitlab.environ(pipeline), {**self._variables}
        if not job.name.startswith("preview"):
            of_gitlab = {key: of_gitlab[key] for key in of_gitlab if not key.startswith(OF_MERGE_REQUESTS)}
            of_gitlab |= {"CI_COMMIT_SHA": COMMIT, "CI_COMMIT_BRANCH": "main"}
            given |= self._protected
        job = replace(job, variables={**job.variables, "STACK": STACK})
        file = self.clone / f"Pulumi.{STACK}.yaml"
        text = file.read_text(encoding="utf-8")
        try:
            return run(job, self.clone, {**given, **variables, **of_gitlab})
        finally:
            file.write_text(text, encoding="utf-8")  # each job has a clone of its own

    def engine_prints(self, name: str) -> None:
        """From now on, let Pulumi print one of the saved previews in place of a preview."""
        tools = self.clone.parent / "tools"
        tools.mkdir()
        pulumi = tools / "pulumi"
        real = shutil.which("pulumi", path=self._variables["PATH"])
        saved = f"[ $1 = preview ] && exec cat {FOLDER}/{name}.json"
        pulumi.write_text(f'#!/bin/sh\n{saved}\nexec {real} "$@"\n', encoding="utf-8")
        pulumi.chmod(0o755)
        self._variables["PATH"] = f"{tools}:{self._variables['PATH']}"

    def read(self, file: str) -> Any:
        """Return the content of a JSON file that a job has left."""
        return json.loads((self.clone / file).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Story:
    """What was seen.

    Attributes:
        jobs: how each job ended, by its name.
        notes: the merge request's notes after each preview.
        plan: the widget's file of the good preview.
        corefiles: both Corefiles after the preview.
        applications: the Applications after `up`.
        issues: the project's issues after each drift job, each as state and description.
        drifted: the resources that the drift job has found changed.
        not_begun: the Applications after an `up` that would have done more than was shown.
        edited: the edited Corefile after an `up` over it.
        printed: what a branch sees that prints all that it gets.
    """

    jobs: dict[str, Done]
    notes: dict[str, list[str]]
    plan: dict[str, int]
    corefiles: dict[str, str]
    applications: set[str]
    issues: dict[str, list[tuple[str, str]]]
    drifted: list[str]
    not_begun: set[str]
    edited: str
    printed: str


@pytest.fixture(scope="module")
def site_of_module(
    lab: Lab, originals: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The site with nothing of an earlier test: the story's notes and nights tell each difference."""
    for site in a_site(lab, originals, tmp_path_factory.mktemp("site")):
        site.sweep(keep=())
        site.kubectl("delete", "namespace", "argocd", "--ignore-not-found")
        yield site


@pytest.fixture(scope="module")
def story(lab: Lab, site_of_module: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A merge request with a mistake, and without it; its `up`; nights, with an edit by hand; a deletion.

    The nights are those of a user who may only read.
    """
    site = site_of_module
    with serving(GitLab()) as gitlab:
        project = Project(lab, gitlab, tmp_path_factory.mktemp("project"))
        done: dict[str, Done] = {}
        notes: dict[str, list[str]] = {}
        issues: dict[str, list[tuple[str, str]]] = {}

        def preview(title: str, pipeline: int, **variables: str) -> None:
            done[title] = project.run("preview", pipeline, **variables)
            notes[title] = [note.body for note in gitlab.notes]

        file = project.clone / f"Pulumi.{STACK}.yaml"
        declared = file.read_text(encoding="utf-8")
        file.write_text(declared.replace("servers:", "sevrers:"), encoding="utf-8")
        preview("wrong", 1001)
        file.write_text(declared, encoding="utf-8")
        preview("offline", 1001)
        preview("preview", 1002)
        plan, before = project.read(f"plan-{STACK}.json"), site.corefiles()
        declared = file.read_text(encoding="utf-8")
        gitlab.merge_request.state, gitlab.merge_request.commits = "merged", [COMMIT]
        file.write_text(declared.replace("docserver: {}", "docserver: {}\n    billing: {}"), encoding="utf-8")
        done["up after another merge"] = project.run("up", 1003)
        nothing = set(site.applications())
        file.write_text(declared, encoding="utf-8")
        done["up"] = project.run("up", 1003)
        after = set(site.applications())
        preview("deployed", 1003)
        printed = project.print_everything(1003).log
        layer = places.NODELOCALDNS.name
        right = site.corefile(layer)
        with reading(lab, tmp_path_factory.mktemp("reader")) as kubeconfig:

            def drift(title: str, pipeline: int) -> None:
                done[title] = project.run("drift", pipeline, KUBECONFIG=str(kubeconfig))
                issues[title] = [(one.state, str(one.description)) for one in gitlab.project.issues]

            drift("as declared", 1004)
            site.write_corefile(layer, right.replace("forward . 192.168.1.7", "forward . 192.168.1.9"))
            drift("edited", 1005)
            done["up over an edit"] = project.run("up", 1005)
            edited = site.corefile(layer)
            changed = [
                change.name for change in read_preview(project.clone / f"preview-{STACK}.json").changes
            ]
            site.write_corefile(layer, right)
            drift("mended", 1006)
        project.engine_prints("another-namespace")
        preview("refused", 1007)
        gitlab.merge_request.labels.append(ALLOWED)
        preview("allowed", 1007)
        yield Story(done, notes, plan, before, after, issues, changed, nothing, edited, printed)


def test_a_mistake_in_the_stack_file_is_red_and_the_note_says_what_it_is(story: Story) -> None:
    assert story.jobs["wrong"].exit_code == 1
    (note,) = story.notes["wrong"]
    assert "the preview failed" in note
    assert "sevrers" in note


def test_a_runner_without_the_cluster_shows_what_can_be_known_and_names_what_cannot(story: Story) -> None:
    assert story.jobs["offline"].exit_code == 0, story.jobs["offline"].log
    (note,) = story.notes["offline"]
    assert "argo-docserver" in note
    assert "zone `protobox`: `192.168.1.7`" in note
    assert "Offline preview" in note


def test_the_preview_is_green_and_changes_the_note_in_place(story: Story) -> None:
    assert story.jobs["preview"].exit_code == 0, story.jobs["preview"].log
    (note,) = story.notes["preview"]
    assert "argo-docserver" in note
    assert "+    forward . 192.168.1.7" in note
    assert "sevrers" not in note
    assert "the cluster was not asked" in note  # merge requests get no way into it


def test_the_preview_counts_for_the_plan_widget_and_writes_nothing(
    story: Story, originals: dict[str, str]
) -> None:
    assert story.plan.keys() >= {"create", "update", "delete"}
    assert story.plan["create"] > 0
    assert story.plan["update"] == story.plan["delete"] == 0
    assert story.corefiles == originals


def test_an_up_that_would_do_more_than_was_shown_does_not_begin(story: Story) -> None:
    done = story.jobs["up after another merge"]
    assert done.exit_code == 3, done.log
    assert "merge request !7 has not shown this" in done.log
    assert "+ add project billing" in done.log
    assert story.not_begun == set()


def test_an_up_over_an_edit_by_hand_does_not_begin_and_says_how_to_mean_it(story: Story) -> None:
    done = story.jobs["up over an edit"]
    assert done.exit_code == 3, done.log
    assert "the cluster was changed since" in done.log
    assert "PROTOBOX_ACCEPT=" in done.log
    assert "192.168.1.9" in story.edited


def test_up_deploys(story: Story) -> None:
    assert story.jobs["up"].exit_code == 0, story.jobs["up"].log
    assert story.applications == {"argo-docserver"}


def test_what_is_as_declared_is_green_at_night_and_opens_no_issue(story: Story) -> None:
    assert story.jobs["as declared"].exit_code == 0, story.jobs["as declared"].log
    assert story.issues["as declared"] == []


def test_an_edit_by_hand_is_red_at_night_and_one_issue_says_what_it_is(story: Story) -> None:
    assert story.jobs["edited"].exit_code == 5, story.jobs["edited"].log
    ((state, description),) = story.issues["edited"]
    assert state == "opened"
    assert "192.168.1.9" in description
    assert story.drifted == ["nodelocaldns"]


def test_the_issue_is_closed_in_the_night_after_the_edit_is_mended(story: Story) -> None:
    assert story.jobs["mended"].exit_code == 0, story.jobs["mended"].log
    ((state, _),) = story.issues["mended"]
    assert state == "closed"


def test_a_deletion_is_red_until_the_merge_request_has_the_label(story: Story) -> None:
    assert story.jobs["refused"].exit_code == 3, story.jobs["refused"].log
    assert f"put the label {ALLOWED} on the merge request" in story.jobs["refused"].log
    assert f"### {STACK}: refused" in story.notes["refused"][0]
    assert story.jobs["allowed"].exit_code == 0, story.jobs["allowed"].log
    assert "refused" not in story.notes["allowed"][0]


def test_a_preview_of_what_is_deployed_shows_no_change_though_it_knows_no_secret(story: Story) -> None:
    assert story.jobs["deployed"].exit_code == 0, story.jobs["deployed"].log
    (note,) = story.notes["deployed"]
    assert f"### {STACK}: no changes" in note


def test_a_branch_that_prints_all_that_it_gets_sees_two_tokens_and_no_secret(story: Story) -> None:
    assert "argocd-repo-creds-gitlab" in story.printed  # the state is there, and told with its secrets
    assert '"plaintext"' in story.printed
    assert PASSWORD not in story.printed
    assert base64.b64encode(PASSWORD.encode()).decode() not in story.printed
    assert re.findall(r"^KUBECONFIG=(.*)$", story.printed, re.MULTILINE) == ["/dev/null"]
    held = set(re.findall(r"^(\w*(?:TOKEN|PASS|SECRET|KEY)\w*)=.", story.printed, re.MULTILINE))
    assert held == {"PROTOBOX_GITLAB_TOKEN", "CI_JOB_TOKEN"}


def test_no_job_prints_the_token(story: Story) -> None:
    token = GitLab().environ()["PROTOBOX_GITLAB_TOKEN"]
    assert not [name for name, done in story.jobs.items() if token in done.log]
