from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from review.preflight.rows import look_at
from review.preflight.state import PASSPHRASE, STATE, state_check
from tools.command_line import Mark, Row

# The real Pulumi says it like this (tried with 3.259.0).
STACKS = """[ "$4" != de ] || { echo "error: no stack named 'de' found" >&2; exit 6; }"""
PASSES = f"""
case "$1" in
  stack) {STACKS};;
  config) [ "$PULUMI_CONFIG_PASSPHRASE" = right ] || {{ echo 'error: incorrect passphrase' >&2; exit 255; }};;
esac"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder with a stack file `dev`."""
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    return tmp_path


def pulumi_that(project: Path, script: str) -> None:
    """Put a program `pulumi` on PATH that runs `script`."""
    program = project / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def rows(project: Path, stack: str = "dev", seconds: float = 5.0, /, **environ: str) -> dict[str, Row]:
    purpose = environ.pop("purpose", "up")
    environ = {"PATH": f"{project}:/usr/bin:/bin", **environ}
    return {
        row.what: row
        for row in look_at([state_check(project / "Pulumi.dev.yaml", stack, purpose, environ)], seconds)
    }


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_that_the_backend_has(project: Path, stack: str) -> None:
    pulumi_that(project, STACKS)
    assert rows(project, stack)[STATE].mark is Mark.OK


def test_a_stack_that_it_has_not_is_made_once(project: Path) -> None:
    pulumi_that(project, STACKS)
    row = rows(project, "de")[STATE]
    assert (row.mark, row.seen) == (Mark.FAILED, "no stack named 'de' found")
    assert row.fix.startswith("if it is new: `pulumi stack init de`")


def test_what_pulumi_says_is_told_without_secrets(project: Path) -> None:
    url = "postgres://robot:hush-hush@db.protobox/state"
    pulumi_that(
        project,
        'echo "warning: x" >&2; echo "error: $PULUMI_BACKEND_URL: key $AWS_SECRET_ACCESS_KEY" >&2; exit 1',
    )
    row = rows(project, PULUMI_BACKEND_URL=url, AWS_SECRET_ACCESS_KEY="topsecret")[STATE]  # noqa: S106 - invented
    assert row.mark is Mark.FAILED
    assert row.seen == "postgres://db.protobox/state: key ***"
    assert "pulumi login" in row.fix


def test_a_backend_that_never_answers_is_given_up(project: Path) -> None:
    pulumi_that(project, "exec sleep 60")
    row = rows(project, "dev", 0.5)[STATE]
    assert (row.mark, row.seen) == (Mark.FAILED, "no answer within 0.5 s")


def test_without_pulumi_no_state_can_be_read(project: Path) -> None:
    row = rows(project, PATH=str(project))[STATE]
    assert row.mark is Mark.FAILED
    assert "no pulumi on PATH" in row.seen
    assert row.fix.startswith("install it")


class TestOfAStackWithASalt:
    @pytest.fixture(autouse=True)
    def _salted(self, project: Path) -> None:
        (project / "Pulumi.dev.yaml").write_text("encryptionsalt: v1:x\nconfig: {}\n", encoding="utf-8")
        pulumi_that(project, PASSES)

    def test_a_passphrase_that_decrypts_it_is_right(self, project: Path) -> None:
        before = (project / "Pulumi.dev.yaml").read_text()
        row = rows(project, PULUMI_CONFIG_PASSPHRASE="right")[PASSPHRASE]  # noqa: S106
        assert row.mark is Mark.OK
        assert (project / "Pulumi.dev.yaml").read_text() == before

    @pytest.mark.parametrize("wrong", ["wrong", ""])  # where there is none, Pulumi asks for it by name
    def test_another_one_is_not(self, project: Path, wrong: str) -> None:
        row = rows(project, PULUMI_CONFIG_PASSPHRASE=wrong)[PASSPHRASE]
        assert (row.mark, row.seen) == (
            Mark.FAILED,
            "Pulumi.dev.yaml is encrypted: incorrect passphrase",
        )
        assert row.fix

    def test_it_cannot_be_tried_without_the_state(self, project: Path) -> None:
        pulumi_that(project, "exit 1")
        assert rows(project, PULUMI_CONFIG_PASSPHRASE="right")[PASSPHRASE].mark is Mark.SKIPPED  # noqa: S106


def test_a_stack_without_a_salt_needs_none(project: Path) -> None:
    pulumi_that(project, STACKS)
    assert list(rows(project)) == [STATE]


def folder_with(project: Path, text: bytes, end: str = "") -> str:
    """Make a backend in a folder with the stack `dev`, whose state is `text`; returns its address."""
    stacks = project / "state" / ".pulumi" / "stacks" / "protobox-cd"
    stacks.mkdir(parents=True)
    (stacks / f"dev.json{end}").write_bytes(text)
    pulumi_that(project, STACKS)
    return f"file://{project / 'state'}"


def test_a_lock_is_told_with_its_holder_and_a_half_written_one_with_the_way_out(project: Path) -> None:
    url = folder_with(project, b"{}")
    locks = project / "state" / ".pulumi" / "locks" / "organization" / "protobox-cd"
    (locks / "dev").mkdir(parents=True)
    (locks / "prod").mkdir()
    (locks / "prod" / "1.json").write_text("{", encoding="utf-8")
    lock = locks / "dev" / "1.json"
    lock.write_text('{"pid": 7, "username": "me", "hostname": "here", "timestamp": "now"}', encoding="utf-8")
    lock.with_name("1.json.attrs").write_text("{}", encoding="utf-8")
    row = rows(project, PULUMI_BACKEND_URL=url)[STATE]
    assert (row.mark, row.seen) == (Mark.FAILED, "the stack is locked by me@here (process 7) since now")
    assert row.fix.endswith("pulumi cancel --yes --stack dev")
    preview = rows(project, PULUMI_BACKEND_URL=url, purpose="preview")[STATE]
    assert preview.mark is Mark.OK  # it takes no lock
    lock.rename(half := locks / "dev" / "1.json.ab.tmp").write_text('{"pid": 7,', encoding="utf-8")
    row = rows(project, PULUMI_BACKEND_URL=url)[STATE]
    assert "only half written" in row.seen
    assert row.fix.endswith(f"rm {half}")


def test_a_state_that_a_full_disk_has_cut_off_is_told_with_the_copy_to_go_on_from(project: Path) -> None:
    url = folder_with(project, b'{"version": 3')
    state = project / "state" / ".pulumi" / "stacks" / "protobox-cd" / "dev.json"
    row = rows(project, PULUMI_BACKEND_URL=url)[STATE]
    assert row.mark is Mark.FAILED
    assert f"`rm {state}` and `pulumi stack init dev`, and `pulumi up`" in row.fix
    copy = state.with_name("dev.json.bak")
    copy.write_text("{}", encoding="utf-8")
    assert f"`cp {copy} {state}`, and `pulumi up`" in rows(project, PULUMI_BACKEND_URL=url)[STATE].fix


def test_attributes_that_a_killed_run_left_half_written_are_told_with_what_takes_them_away(
    project: Path,
) -> None:
    url = folder_with(project, b"{}")
    attributes = project / "state" / ".pulumi" / "stacks" / "protobox-cd" / "dev.json.attrs"
    attributes.touch()
    row = rows(project, PULUMI_BACKEND_URL=f"{url}?metadata=skip")[STATE]
    assert (row.mark, "only half written" in row.seen) == (Mark.FAILED, True)
    assert row.fix.endswith(f": rm {attributes}")


@pytest.mark.parametrize("end", ["", ".gz"])
def test_what_a_killed_run_was_making_is_told_with_the_command_that_ends_the_warnings(
    project: Path, end: str
) -> None:
    operations = [{"type": "creating"}, {"type": "updating"}]
    text = json.dumps({"checkpoint": {"latest": {"pending_operations": operations}}}).encode()
    url = folder_with(project, gzip.compress(text) if end else text, end)
    row = rows(project, PULUMI_BACKEND_URL=url)[STATE]
    assert (row.mark, "made 1 object;" in row.seen) == (Mark.WARNING, True)
    assert "pulumi refresh --yes --clear-pending-creates --stack dev --target 'urn:pulumi:dev::" in row.fix
