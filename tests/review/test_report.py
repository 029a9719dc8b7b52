from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from review import outcome, report
from review.gitlab_api import GitLabError
from review.guard import ALLOWED
from review.texts import MergeRequest, Written
from tests.review.real_previews import text

UNREACHABLE = GitLabError("merge request !7", "GitLab answers 503", "the note is old", "run the job again")


@dataclass
class StandIn:
    """Plays a merge request: has labels, and keeps the notes that it is given."""

    carried: frozenset[str] = frozenset()
    notes: dict[str, str] = field(default_factory=dict)
    says: Written = Written.CREATED
    reads: bool = True
    writes: bool = True

    def labels(self) -> frozenset[str]:
        if not self.reads:
            raise UNREACHABLE
        return self.carried

    def put_note(self, stack: str, body: str) -> Written:
        if not self.writes:
            raise UNREACHABLE
        self.notes[stack] = body
        return self.says


@dataclass
class Job:
    """A preview job: its folder, its merge request if there is one, and what it has printed."""

    folder: Path
    captured: pytest.CaptureFixture[str]
    request: StandIn | None = field(default_factory=StandIn)
    out: str = ""
    err: str = ""

    @property
    def plan(self) -> Path:
        return self.folder / "plan-dev.json"

    @property
    def note(self) -> str:
        assert self.request
        return self.request.notes["dev"]

    def report(self, content: str | None, *more: str, exit_code: int = 0, log: str | None = None) -> int:
        """Run the command as the job does; `content` is what is in the preview's file, None for no file."""
        preview = self.folder / "preview-dev.json"
        if content is not None:
            preview.write_text(content, encoding="utf-8")
        arguments = ["dev", str(preview), "--plan", str(self.plan), "--preview-exit-code", str(exit_code)]
        if log is not None:
            (self.folder / "preview-dev.log").write_text(log, encoding="utf-8")
            arguments += ["--log", str(self.folder / "preview-dev.log")]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MergeRequest, "of_this_pipeline", lambda _environ: self.request)
            job = {"CI_JOB_URL": "http://git.protobox/gitlab/-/jobs/7"}
            code = report.main([*arguments, *more], job)
        self.out, self.err = self.captured.readouterr()
        return code


@pytest.fixture
def job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Job:
    return Job(tmp_path, capsys)


def test_a_change_is_told_to_the_merge_request_and_to_the_widget(job: Job) -> None:
    assert job.report(text("first-deploy")) == outcome.FINE
    assert job.note.startswith("### dev: 9 to add")
    assert "[job](http://git.protobox/gitlab/-/jobs/7)" in job.note
    assert json.loads(job.plan.read_text()) == {"create": 9, "update": 0, "delete": 0}
    assert job.out == "dev: the note on the merge request is written\n"


def test_no_change_is_told_too(job: Job) -> None:
    assert job.report(text("no-changes")) == outcome.FINE
    assert job.note.startswith("### dev: no changes")


@pytest.mark.parametrize("says", Written)
def test_what_became_of_the_note_is_said(job: Job, says: Written) -> None:
    job.request = StandIn(says=says)
    assert job.report(text("drift")) == outcome.FINE
    assert job.out.startswith("dev: the note on the merge request ")


def test_outside_of_a_merge_request_the_note_is_printed(job: Job) -> None:
    job.request = None
    assert job.report(text("drift")) == outcome.FINE
    assert job.out.startswith("### dev: 1 to change")


def test_a_guarded_deletion_fails_the_job_after_the_note_is_written(job: Job) -> None:
    assert job.report(text("to-host-aliases")) == outcome.REFUSED
    assert "### dev: refused" in job.note
    assert json.loads(job.plan.read_text())["delete"] == 3
    assert "the guard refuses 2 of these changes:\n  delete DNS layer coredns: the cluster no" in job.err
    assert "put the label allow-deletion on the merge request" in job.err


def test_the_label_allows_it(job: Job) -> None:
    job.request = StandIn(frozenset({"other", ALLOWED}))
    assert job.report(text("to-host-aliases")) == outcome.FINE
    assert "**Allowed by the label `allow-deletion`**" in job.note


def test_another_label_does_not(job: Job) -> None:
    job.request = StandIn(frozenset({"allow-deletions"}))
    assert job.report(text("to-host-aliases")) == outcome.REFUSED


def test_labels_that_cannot_be_read_allow_nothing(job: Job) -> None:
    job.request = StandIn(frozenset({ALLOWED}), reads=False)
    assert job.report(text("to-host-aliases")) == outcome.REFUSED
    assert "GitLab answers 503" in job.err
    assert job.request.notes["dev"].startswith("### dev: refused")  # what stood there may be an older yes


def test_labels_are_not_asked_for_where_nothing_is_guarded(job: Job) -> None:
    job.request = StandIn(reads=False)
    assert job.report(text("drift")) == outcome.FINE


@pytest.mark.parametrize(
    ("name", "exit_code", "code"),
    [
        ("drift", 0, outcome.UNWRITTEN),
        ("to-host-aliases", 0, outcome.REFUSED),
        ("mistakes", 1, outcome.FAILED),
    ],
)
def test_a_note_that_cannot_be_written_is_printed_and_the_worst_news_wins(
    job: Job, name: str, exit_code: int, code: int
) -> None:
    job.request = StandIn(writes=False)
    assert job.report(text(name), exit_code=exit_code) == code
    assert job.out.startswith("### dev: ")
    assert "GitLab answers 503" in job.err


def test_a_failed_preview_is_told_with_its_diagnostics_and_no_plan(job: Job) -> None:
    job.plan.write_text("of an earlier run")
    assert job.report(text("mistakes"), exit_code=1) == outcome.FAILED
    assert job.note.startswith("### dev: the preview failed\n\n```text\nPulumi.local.yaml has 2 mistakes;")
    assert "'supervisor' is not an IP address" in job.note
    assert "'supervisor' is not an IP address" in job.err
    assert not job.plan.exists()


def test_an_error_counts_whatever_the_exit_code_is(job: Job) -> None:
    assert job.report(text("mistakes")) == outcome.FAILED


def test_an_exit_code_counts_whatever_the_document_says(job: Job) -> None:
    assert job.report(text("no-changes"), exit_code=255, log="the plugin has crashed\n") == outcome.FAILED
    assert "What was printed:\n\n```text\nthe plugin has crashed\n" in job.note


def test_an_engine_that_stops_before_any_json_is_told_by_its_log(job: Job) -> None:
    log = "\x1b[31merror: \x1b[0mgetting stack configuration: invalid YAML file\n"
    assert job.report("", exit_code=255, log=log) == outcome.FAILED
    assert "error: getting stack configuration: invalid YAML file" in job.note
    assert "\x1b" not in job.note + job.err
    assert "getting stack configuration" in job.err


def test_a_preview_that_was_killed_is_told_with_both(job: Job) -> None:
    assert job.report(text("first-deploy")[:3000], exit_code=137, log="Killed\n") == outcome.FAILED
    assert "preview-dev.json is not complete" in " ".join(job.note.split())
    assert "Killed" in job.note


@pytest.mark.parametrize("content", ["", "Segmentation fault", '{"steps": [', None])
def test_a_preview_that_cannot_be_read_is_not_taken_for_no_changes(job: Job, content: str | None) -> None:
    assert job.report(content) == outcome.FAILED
    assert job.note.startswith("### dev: the preview failed")
    assert "fix: " in job.err
    assert not job.plan.exists()


def test_a_log_that_is_not_there_is_no_trouble(job: Job) -> None:
    assert job.report(text("drift"), "--log", str(job.folder / "nowhere.log")) == outcome.FINE


def test_of_a_long_log_the_end_is_told(job: Job) -> None:
    assert job.report("", exit_code=1, log="noise\n" * 1_000_000 + "error: the reason\n") == outcome.FAILED
    assert "error: the reason" in job.note
    assert len(job.note) < 10_000


def test_a_wrong_use_ends_with_two(job: Job) -> None:
    with pytest.raises(SystemExit) as left:
        report.main(["dev"], {})
    assert left.value.code == 2
