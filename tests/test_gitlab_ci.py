"""What `.gitlab-ci.yml` makes GitLab do. Jobs that need an engine run in `tests/engine/test_gitlab_ci.py`."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.gitlab_ci.pipeline import Job, Reference, Tree, jobs, load, pipeline, pipeline_variables
from tests.gitlab_ci.runner import ROOT, clone, run
from tests.test_image import PUBLIC_IMAGE

CONFIG = load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
JOBS = {job.name: job for job in jobs(CONFIG)}
SECRETS = re.compile(r"KUBECONFIG|TOKEN|PASSPHRASE|PULUMI_|CI_REGISTRY")
HERE, FORK = "12", "99"


def merge_request(*, source: str = HERE, runs_in: str = HERE) -> dict[str, str]:
    """Return GitLab's variables for a merge request; `source` and `runs_in` are projects."""
    return {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_DEFAULT_BRANCH": "main",
        "CI_PROJECT_ID": runs_in,
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_ID": HERE,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source,
    }


def elsewhere(source: str, *, branch: str = "", tag: str = "") -> dict[str, str]:
    """Return GitLab's variables for another pipeline; those without a value are not set."""
    found = {"CI_COMMIT_BRANCH": branch, "CI_COMMIT_TAG": tag, "CI_PIPELINE_SOURCE": source}
    found |= {"CI_DEFAULT_BRANCH": "main", "CI_PROJECT_ID": HERE}
    return {name: value for name, value in found.items() if value}


CHECK = {"check": "on_success", "tests": "on_success"}
IMAGE, AUDIT = {"build-image": "on_success"}, {"audit": "on_success"}
PREVIEW, DRIFT = {"preview: [dev]": "on_success"}, {"drift: [dev]": "on_success"}
UP = {"up: [dev]": "manual"}


@pytest.mark.parametrize(
    ("variables", "changed", "expected"),
    [
        pytest.param(merge_request(), {"README.md"}, CHECK | PREVIEW, id="merge request"),
        pytest.param(
            merge_request(), {"requirements.lock"}, CHECK | IMAGE | AUDIT | PREVIEW, id="merge request, image"
        ),
        pytest.param(
            merge_request(source=FORK, runs_in=FORK), {"README.md"}, CHECK, id="a fork's, in the fork"
        ),
        pytest.param(
            merge_request(source=FORK), {"Dockerfile"}, CHECK | AUDIT, id="a fork's, started by a member"
        ),
        pytest.param(
            elsewhere("push", branch="main"), {"README.md"}, CHECK | IMAGE | UP, id="default branch"
        ),
        pytest.param(
            elsewhere("push", branch="main"), {"Dockerfile"}, CHECK | IMAGE | AUDIT | UP, id="default, image"
        ),
        pytest.param(
            elsewhere("web", branch="main"), None, CHECK | IMAGE | AUDIT | UP, id="started by a person"
        ),
        pytest.param(elsewhere("push", branch="feature"), {"Dockerfile"}, {}, id="another branch"),
        pytest.param(elsewhere("push", tag="v1"), None, {}, id="tag"),
        pytest.param(elsewhere("schedule", branch="main"), None, IMAGE | AUDIT | DRIFT, id="schedule"),
        pytest.param(elsewhere("schedule", branch="feature"), None, {}, id="schedule, another branch"),
    ],
)
def test_the_jobs_of_a_pipeline(
    variables: dict[str, str], changed: set[str] | None, expected: dict[str, str]
) -> None:
    assert pipeline(CONFIG, variables, changed) == expected


def test_a_merge_request_that_changes_the_image_is_previewed_in_its_own() -> None:
    def tag(variables: dict[str, str], changed: set[str]) -> str:
        return pipeline_variables(CONFIG, variables, changed)["IMAGE_TAG"]

    assert tag(merge_request(), {"requirements.lock"}) == "merge-request-$CI_MERGE_REQUEST_IID"
    assert tag(merge_request(), {"Pulumi.dev.yaml"}) == "current"
    assert tag(elsewhere("push", branch="main"), {"requirements.lock"}) == "current"


def test_a_stack_in_the_list_gets_its_three_jobs() -> None:
    config = load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    config[".stacks"]["parallel"]["matrix"][0]["STACK"].append("prod")
    added = {job.name: job.variables["STACK"] for job in jobs(config) if job.name not in JOBS}
    assert added == {"preview: [prod]": "prod", "up: [prod]": "prod", "drift: [prod]": "prod"}


def test_every_stack_in_the_list_has_its_file() -> None:
    stacks = {job.variables["STACK"] for job in JOBS.values() if "STACK" in job.variables}
    assert stacks
    assert all((ROOT / f"Pulumi.{stack}.yaml").is_file() for stack in stacks)


def test_gitlabs_own_schema_accepts_the_file() -> None:
    package = importlib.util.find_spec("check_jsonschema")  # which brings it along; it is not imported
    assert package
    assert package.origin
    file = Path(package.origin).parent / "builtin_schemas/vendor/gitlab-ci.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    problems = [error.message for error in Draft7Validator(schema).iter_errors(as_data(CONFIG))]
    assert problems == []


def as_data(value: Any) -> Any:
    """Return what the schema expects: a reference is a list there."""
    if isinstance(value, Reference):
        return list(value.path)
    if isinstance(value, dict):
        return {key: as_data(item) for key, item in value.items()}
    return [as_data(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
class TestEveryJob:
    def test_is_in_a_stage_that_there_is(self, job: Job) -> None:
        assert job.content["stage"] in CONFIG["stages"]

    def test_has_a_time_limit(self, job: Job) -> None:
        assert job.content["timeout"]

    def test_prints_no_values_of_variables(self, job: Job) -> None:
        assert not re.search(r"set -\w*x|xtrace|\bprintenv\b|^\s*env\b", "\n".join(job.script))

    def test_is_understood_by_the_shell(self, job: Job) -> None:
        done = subprocess.run(["bash", "-n", "-c", "\n".join(job.script)], capture_output=True, check=False)
        assert done.stderr == b""

    def test_assigns_no_file_variable_to_another_one(self, job: Job) -> None:
        assert not any(SECRETS.search(value) for value in job.variables.values())


@pytest.mark.parametrize("name", ["check", "tests", "audit"])
def test_what_runs_for_forks_knows_no_secret(name: str) -> None:
    content = JOBS[name].content
    assert "environment" not in content
    assert not SECRETS.search(json.dumps(content))
    assert content["image"].startswith("${IMAGE_MIRROR}python:3.11.14-trixie")


def test_every_public_image_is_named_by_an_exact_version() -> None:
    images = [job.content["image"] for job in JOBS.values()]
    names = [str(image["name"] if isinstance(image, dict) else image) for image in images]
    public = [name for name in names if "CI_REGISTRY_IMAGE" not in name]
    assert public
    assert [name for name in public if not PUBLIC_IMAGE.fullmatch(name)] == []


def test_each_job_with_credentials_has_its_own() -> None:
    environments = {name: job.content["environment"] for name, job in JOBS.items() if "[" in name}
    assert environments == {
        "preview: [dev]": {"name": "preview/$STACK", "action": "access"},
        "drift: [dev]": {"name": "drift/$STACK", "action": "access"},
        "up: [dev]": {"name": "$STACK"},
    }


def test_a_preview_that_any_branch_may_start_does_not_ask_the_cluster() -> None:
    variables = JOBS["preview: [dev]"].variables
    assert (variables["PROTOBOX_OFFLINE"], variables["KUBECONFIG"]) == ("1", "/dev/null")
    assert not {"PROTOBOX_OFFLINE", "KUBECONFIG"} & set(JOBS["drift: [dev]"].variables)


@pytest.mark.parametrize("name", ["up: [dev]", "drift: [dev]"])
def test_what_has_protected_credentials_runs_in_the_image_that_its_own_pipeline_has_built(name: str) -> None:
    content = JOBS[name].content
    assert content["image"] == "$CI_REGISTRY_IMAGE/pulumi@$IMAGE_DIGEST"
    assert "build-image" in content["needs"]
    assert JOBS["build-image"].content["artifacts"]["reports"] == {"dotenv": "image.env"}


def test_an_up_waits_for_all_tests() -> None:
    assert {"check", "tests"} <= set(JOBS["up: [dev]"].content["needs"])
    assert JOBS["tests"].script == [".ci/run"]


def test_the_digest_is_read_from_what_the_builder_has_written(tmp_path: Path) -> None:
    digest = "sha256:" + "0a" * 32
    written = {
        "containerimage.config.digest": "sha256:ff",
        "containerimage.digest": digest,
        "image.name": "x",
    }
    (tmp_path / "image.json").write_text(json.dumps(written, indent=2), encoding="utf-8")
    lines = [line for line in JOBS["build-image"].script if "image.env" in line]
    subprocess.run(["bash", "-ec", "\n".join(lines)], cwd=tmp_path, check=True)
    assert (tmp_path / "image.env").read_text() == f"IMAGE_DIGEST={digest}\n"


@pytest.mark.parametrize("name", ["preview: [dev]", "drift: [dev]"])
def test_what_the_engine_printed_is_kept_for_developers_also_when_the_job_fails(name: str) -> None:
    artifacts = JOBS[name].content["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["access"] == "developer"
    assert artifacts["paths"] == ["preview-$STACK.json", "preview-$STACK.log"]


def test_the_preview_fills_gitlabs_plan_widget_under_the_stacks_name() -> None:
    artifacts = JOBS["preview: [dev]"].content["artifacts"]
    assert artifacts["reports"] == {"terraform": "plan-$STACK.json"}
    assert artifacts["name"] == "$STACK"


def test_only_previews_and_checks_are_cut_short_by_a_newer_commit() -> None:
    interruptible = {name for name, job in JOBS.items() if job.content.get("interruptible")}
    assert interruptible == {"check", "tests", "preview: [dev]"}


def test_one_up_at_a_time_and_a_failed_one_is_red() -> None:
    content = JOBS["up: [dev]"].content
    assert content["resource_group"] == "pulumi-$STACK"
    assert "allow_failure" not in content
    assert not any("allow_failure" in rule for rule in content["rules"])


@pytest.mark.parametrize(
    ("name", "group"),
    [("preview: [dev]", "note-$CI_MERGE_REQUEST_IID-$STACK"), ("drift: [dev]", "drift-$STACK")],
)
def test_two_jobs_never_write_the_same_text_at_the_same_time(name: str, group: str) -> None:
    assert JOBS[name].content["resource_group"] == group


def test_the_credentials_that_write_are_met_by_no_cache_of_a_merge_request() -> None:
    assert {name for name, job in JOBS.items() if "cache" in job.content} == {"check", "tests"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return clone(tmp_path / "project")


@pytest.fixture
def with_make(tmp_path: Path, project: Path) -> dict[str, str]:
    """A shell's variables: make as it is, but for `make lint unit`, which runs this test, and installs."""
    (project / ".venv").symlink_to(sys.prefix)
    tools = tmp_path / "tools"
    tools.mkdir()
    make = tools / "make"
    real = shutil.which("make")
    kept = "-o .venv/installed -o .venv/installed-tests"
    make.write_text(
        f'#!/bin/sh\nif [ "$*" = "lint unit" ]; then echo all tests ran; else exec {real} {kept} "$@"; fi\n',
        encoding="utf-8",
    )
    make.chmod(0o755)
    return {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path)}


def test_check_passes_on_the_stack_files_of_the_repository(project: Path, with_make: dict[str, str]) -> None:
    done = run(JOBS["check"], project, with_make)
    assert done.exit_code == 0, done.log
    assert "fine: Pulumi.dev.yaml" in done.log
    assert "fine: Pulumi.local.yaml" in done.log
    assert "all tests ran" in done.log


def test_check_names_the_mistakes_of_every_stack_file_before_the_tests(
    project: Path, with_make: dict[str, str]
) -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    for stack, key, misspelt in (("dev", "zones:", "zoness:"), ("prod", "servers:", "sevrers:")):
        (project / f"Pulumi.{stack}.yaml").write_text(text.replace(key, misspelt), encoding="utf-8")
    done = run(JOBS["check"], project, with_make)
    assert done.exit_code != 0
    assert "zoness" in done.log
    assert "sevrers" in done.log
    assert "fine: Pulumi.local.yaml" in done.log
    assert "all tests ran" not in done.log


@pytest.mark.parametrize("name", ["up: [dev]", "drift: [dev]"])
def test_without_a_state_backend_a_job_says_where_to_set_it(name: str, project: Path) -> None:
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    done = run(JOBS[name], project, {"PATH": path, "VIRTUAL_ENV": sys.prefix})
    assert done.exit_code != 0
    assert "PULUMI_BACKEND_URL: is not set" in done.log
    assert "Settings > CI/CD > Variables" in done.log


def test_a_preview_without_the_package_registry_says_so_in_the_note(project: Path) -> None:
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    done = run(JOBS["preview: [dev]"], project, {"PATH": path, "VIRTUAL_ENV": sys.prefix})
    assert done.exit_code != 0
    assert "### dev: the preview failed" in done.log
    assert "the package registry of project" in done.log


def test_a_preview_takes_no_state_and_no_passphrase_from_the_projects_variables() -> None:
    script = "\n".join(JOBS["preview: [dev]"].script)
    before, _, _ = script.partition("pulumi preview")
    assert "unset PULUMI_CONFIG_PASSPHRASE_FILE" in before
    assert "export PULUMI_CONFIG_PASSPHRASE= PULUMI_BACKEND_URL=" in before


def test_a_config_of_gitlabs_documentation_is_put_together_as_gitlab_does() -> None:
    config: Tree = load(
        """
default: {image: "alpine:3.20", interruptible: true, before_script: [first]}
variables: {COLOUR: red}
.setup: {script: [one, two], variables: {COLOUR: blue, SIZE: 1}, artifacts: {when: always, paths: [a]}}
.more: {artifacts: {paths: [b]}, before_script: []}
all:
  extends: [.setup, .more]
  script: [!reference [.setup, script], three]
  parallel: {matrix: [{OS: [debian, alpine], ARCH: arm}, {OS: plan9}]}
"""
    )
    found = {job.name: job for job in jobs(config)}
    assert list(found) == ["all: [debian, arm]", "all: [alpine, arm]", "all: [plan9]"]
    job = found["all: [alpine, arm]"]
    assert job.script == ["one", "two", "three"]
    assert job.variables == {"COLOUR": "blue", "SIZE": "1", "OS": "alpine", "ARCH": "arm"}
    assert job.content["artifacts"] == {"when": "always", "paths": ["b"]}
    assert job.content["image"] == "alpine:3.20"
