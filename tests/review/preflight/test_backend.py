from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from review.preflight.backend import Backend
from review.preflight.looking import look_at
from review.preflight.rows import Mark, Row

SALTED = "encryptionsalt: v1:x\nconfig: {}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder with a stack file `dev`, and a home without any login."""
    (tmp_path / "Pulumi.yaml").write_text("name: protobox-cd\n", encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    (tmp_path / "home").mkdir()
    return tmp_path


def rows(project: Path, purpose: str = "preview", seconds: float = 5.0, /, **environ: str) -> dict[str, Row]:
    environ = {"PULUMI_HOME": str(project / "home"), "PATH": f"{project}:/usr/bin:/bin", **environ}
    backend = Backend(project / "Pulumi.dev.yaml", "dev", purpose, environ)
    return {row.what: row for row in look_at(backend.checks(seconds))}


def state(project: Path, purpose: str = "preview", seconds: float = 5.0, **environ: str) -> Row:
    return rows(project, purpose, seconds, **environ)["state backend"]


def folder_with(project: Path, stack: str) -> str:
    stacks = project / "state" / ".pulumi" / "stacks" / "protobox-cd"
    stacks.mkdir(parents=True)
    (stacks / f"{stack}.json").write_text("{}", encoding="utf-8")
    return f"file://{project / 'state'}"


def pulumi_that(project: Path, script: str) -> None:
    """Put a program `pulumi` on PATH that runs `script`."""
    program = project / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_nobody_is_logged_in(project: Path) -> None:
    row = state(project)
    assert row.mark is Mark.FAILED
    assert "not logged in" in row.seen
    assert "pulumi login" in row.fix


def test_a_folder_with_the_stack(project: Path) -> None:
    assert state(project, PULUMI_BACKEND_URL=folder_with(project, "dev")).mark is Mark.OK


def test_a_folder_without_the_stack(project: Path) -> None:
    row = state(project, PULUMI_BACKEND_URL=folder_with(project, "prod"))
    assert row.mark is Mark.FAILED
    assert "`pulumi stack init dev`" in row.fix


def test_a_folder_that_does_not_exist(project: Path) -> None:
    row = state(project, PULUMI_BACKEND_URL=f"file://{project}/nowhere?no_tmp_dir=true")
    assert row.mark is Mark.FAILED
    assert row.fix == f"mkdir -p {project}/nowhere"


def test_an_up_needs_a_folder_that_may_be_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everywhere, so the answer of the system call is scripted.
    monkeypatch.setattr("os.access", lambda _path, mode: not mode & 2)
    url = folder_with(project, "dev")
    assert state(project, "preview", PULUMI_BACKEND_URL=url).mark is Mark.OK
    row = state(project, "up", PULUMI_BACKEND_URL=url)
    assert row.mark is Mark.FAILED
    assert "may not be written" in row.seen


def test_the_login_is_found_where_pulumi_keeps_it(project: Path) -> None:
    content = json.dumps({"current": folder_with(project, "dev")})
    (project / "home" / "credentials.json").write_text(content, encoding="utf-8")
    assert state(project).mark is Mark.OK


def test_the_project_may_name_the_backend(project: Path) -> None:
    content = f"name: protobox-cd\nbackend: {{url: '{folder_with(project, 'dev')}'}}\n"
    (project / "Pulumi.yaml").write_text(content, encoding="utf-8")
    assert state(project).mark is Mark.OK


@pytest.mark.parametrize("name", ["dev", "organization/protobox-cd/dev"])
def test_another_backend_is_asked_by_pulumi(project: Path, name: str) -> None:
    pulumi_that(project, f'echo \'[{{"name": "{name}"}}]\'')
    assert state(project, PULUMI_BACKEND_URL="s3://states").mark is Mark.OK


def test_another_backend_without_the_stack(project: Path) -> None:
    pulumi_that(project, "echo '[]'")
    row = state(project, PULUMI_BACKEND_URL="s3://states?endpoint=minio.protobox")
    assert row.mark is Mark.FAILED
    assert row.seen == "there is no stack 'dev' in s3://states"


def test_what_pulumi_says_is_told_without_secrets(project: Path) -> None:
    url = "postgres://robot:hush-hush@db.protobox/state"
    pulumi_that(
        project,
        'echo "warning: x" >&2; echo "error: $PULUMI_BACKEND_URL: key $AWS_SECRET_ACCESS_KEY" >&2; exit 1',
    )
    row = state(project, PULUMI_BACKEND_URL=url, AWS_SECRET_ACCESS_KEY="topsecret")  # noqa: S106 - invented
    assert row.mark is Mark.FAILED
    assert row.seen == ("postgres://db.protobox/state cannot be used: postgres://db.protobox/state: key ***")


def test_a_backend_that_never_answers_is_given_up(project: Path) -> None:
    pulumi_that(project, "exec sleep 60")
    row = state(project, seconds=1, PULUMI_BACKEND_URL="https://pulumi.protobox")
    assert row.mark is Mark.FAILED
    # Pulumi's run is given up at 0.9 s, the whole check at 1 s: on a busy machine the second may come first.
    assert "did not answer within" in row.seen


def test_without_pulumi_no_state_can_be_read(project: Path) -> None:
    row = state(project, PULUMI_BACKEND_URL="s3://states", PATH=str(project))
    assert row.mark is Mark.FAILED
    assert "no pulumi on PATH" in row.seen


@pytest.mark.parametrize(
    ("environ", "mark"),
    [
        ({}, Mark.FAILED),
        ({"PULUMI_CONFIG_PASSPHRASE": ""}, Mark.OK),  # an empty one is one too
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "/nowhere"}, Mark.FAILED),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": __file__}, Mark.OK),
    ],
)
def test_a_stack_with_a_salt_needs_its_passphrase(project: Path, environ: dict[str, str], mark: Mark) -> None:
    (project / "Pulumi.dev.yaml").write_text(SALTED, encoding="utf-8")
    row = rows(project, **environ)["passphrase"]
    assert row.mark is mark
    assert bool(row.fix) == (mark is Mark.FAILED)


def test_a_stack_without_a_salt_needs_none(project: Path) -> None:
    assert "passphrase" not in rows(project)


def test_a_lock_is_told_with_its_holder_and_a_half_written_one_with_the_way_out(project: Path) -> None:
    url = folder_with(project, "dev")
    locks = project / "state" / ".pulumi" / "locks" / "organization" / "protobox-cd"
    (locks / "dev").mkdir(parents=True)
    (locks / "prod").mkdir()
    (locks / "prod" / "1.json").write_text("{", encoding="utf-8")
    lock = locks / "dev" / "1.json"
    lock.write_text('{"pid": 7, "username": "me", "hostname": "here", "timestamp": "now"}', encoding="utf-8")
    row = state(project, "up", PULUMI_BACKEND_URL=url)
    assert (row.mark, row.seen) == (Mark.FAILED, "the stack dev is locked by me@here (process 7) since now")
    assert row.fix.endswith("pulumi cancel --yes --stack dev")
    assert state(project, PULUMI_BACKEND_URL=url).mark is Mark.OK  # a preview takes no lock
    lock.rename(half := locks / "dev" / "1.json.ab.tmp").write_text('{"pid": 7,', encoding="utf-8")
    row = state(project, "up", PULUMI_BACKEND_URL=url)
    assert "only half written" in row.seen
    assert row.fix.endswith(f"rm {half}")


@pytest.mark.parametrize("end", ["", ".gz"])
def test_what_a_killed_run_was_making_is_told_with_the_command_that_ends_the_warnings(
    project: Path, end: str
) -> None:
    url = folder_with(project, "dev")
    file = project / "state" / ".pulumi" / "stacks" / "protobox-cd" / "dev.json"
    operations = [{"type": "creating"}, {"type": "updating"}]
    text = json.dumps({"checkpoint": {"latest": {"pending_operations": operations}}}).encode()
    file.unlink()
    file.with_name(f"dev.json{end}").write_bytes(gzip.compress(text) if end else text)
    row = state(project, PULUMI_BACKEND_URL=url)
    assert (row.mark, "made 1 object;" in row.seen) == (Mark.WARNING, True)
    assert "pulumi refresh --yes --clear-pending-creates --stack dev --target 'urn:pulumi:dev::" in row.fix
