from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from review import up
from review.fingerprint import fingerprints, stamp, together
from review.gitlab_api import GitLabError
from review.guard import ALLOWED
from review.outcome import FAILED, FINE, REFUSED
from review.texts import MergeRequest
from tests.review.built import application, document, layer, preview, step
from tests.review.real_previews import real, text


@dataclass
class StandIn:
    """Plays the merge request that brought the commit."""

    shown: str = ""
    carried: frozenset[str] = frozenset()
    name: str = "merge request !7"
    asked: list[str] = field(default_factory=list)

    def labels(self) -> frozenset[str]:
        return self.carried

    def note(self, stack: str) -> str:
        self.asked.append(stack)
        return self.shown


@dataclass
class Job:
    folder: Path
    captured: pytest.CaptureFixture[str]
    said: str = ""

    def judge(
        self, content: str, request: StandIn | GitLabError | None, code: int = 0, /, **environ: str
    ) -> int:
        file = self.folder / "preview.json"
        file.write_text(content, encoding="utf-8")

        def find(_environ: Mapping[str, str]) -> StandIn | None:
            if isinstance(request, GitLabError):
                raise request
            return request

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MergeRequest, "of_this_commit", find)
            done = up.main(["dev", str(file), "--preview-exit-code", str(code)], environ)
        printed = self.captured.readouterr()
        self.said = printed.out + printed.err
        return done


@pytest.fixture
def job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Job:
    return Job(tmp_path, capsys)


def shown(name: str) -> str:
    return f"### dev: 9 to add\n{stamp(real(name))}"


def test_what_the_merge_request_has_shown_may_be_done(job: Job) -> None:
    assert job.judge(text("first-deploy"), StandIn(shown("first-deploy"))) == FINE
    assert job.said == ""


def test_an_edit_by_hand_since_is_told_before_anything_is_written(job: Job) -> None:
    assert job.judge(text("drift"), StandIn(shown("no-changes"))) == REFUSED
    assert "`up` does not begin, and nothing was changed" in job.said
    assert "merge request !7 has not shown this: the cluster was changed since" in job.said
    assert "  ~ change DNS layer coredns" in job.said


def test_another_merge_in_between_is_told_by_name(job: Job) -> None:
    mine, other = (step("create", name=name, new=application(name)) for name in ("argo-a", "argo-b"))
    assert job.judge(document(mine, other), StandIn(stamp(preview(mine)))) == REFUSED
    assert "another merge request came in between" in job.said
    assert "  + add project b → Application argo-b" in job.said
    assert "  + add project a" not in job.said.partition("does not begin")[2]


def test_thousands_of_changes_are_compared_each(job: Job) -> None:
    steps = [step("create", name=f"argo-{n}", new=application(f"argo-{n}")) for n in range(6000)]
    line = stamp(preview(*steps))
    assert len(line) < 90_000
    assert job.judge(document(*steps), StandIn(line)) == FINE
    assert job.judge(document(*steps, step("create", name="argo-x", new={})), StandIn(line)) == REFUSED


def test_a_change_that_has_been_done_already_is_no_obstacle(job: Job) -> None:
    one, other = (step("create", name=name, new=application(name)) for name in ("argo-a", "argo-b"))
    assert job.judge(document(one), StandIn(stamp(preview(one, other)))) == FINE


def test_exactly_what_a_person_has_accepted_may_be_done(job: Job) -> None:
    mark = together(fingerprints(real("drift")))
    assert job.judge(text("drift"), StandIn()) == REFUSED
    assert f"run the job again with the variable PROTOBOX_ACCEPT={mark}" in job.said
    assert job.judge(text("drift"), StandIn(), PROTOBOX_ACCEPT=mark) == FINE
    assert job.judge(text("to-consul"), StandIn(), PROTOBOX_ACCEPT=mark) == REFUSED


@pytest.mark.parametrize(("labels", "code"), [(frozenset(), REFUSED), (frozenset({ALLOWED}), FINE)])
def test_the_guard_asks_for_the_label_here_too(job: Job, labels: frozenset[str], code: int) -> None:
    assert job.judge(text("to-consul"), StandIn(shown("to-consul"), labels)) == code
    assert ("loses the server 192.168.1.7" in job.said.partition("does not begin")[2]) == (code == REFUSED)


def test_a_label_allows_nothing_that_was_not_shown(job: Job) -> None:
    assert job.judge(text("to-consul"), StandIn(shown("drift"), frozenset({ALLOWED}))) == REFUSED


def test_without_a_merge_request_the_guard_alone_decides(job: Job) -> None:
    assert job.judge(text("first-deploy"), None) == FINE
    assert "nothing to compare these changes with" in job.said
    assert job.judge(text("to-consul"), None) == REFUSED


def test_a_gitlab_that_does_not_answer_allows_nothing(job: Job) -> None:
    trouble = GitLabError("merge request !7", "GitLab answers 503", "why", "fix")
    assert job.judge(text("drift"), trouble) == REFUSED
    assert "GitLab answers 503" in job.said
    assert job.judge(text("no-changes"), trouble) == FINE


@pytest.mark.parametrize(
    ("content", "exit_code", "code"), [("", 0, FAILED), ("", 1, FAILED), (text("mistakes"), 1, FAILED)]
)
def test_a_preview_that_has_failed_stops_it(job: Job, content: str, exit_code: int, code: int) -> None:
    assert job.judge(content, StandIn(), exit_code) == code
    assert "the preview failed:" in job.said


def test_the_same_changes_without_the_cluster_are_the_same() -> None:
    old = layer("10.0.0.1", edits={})
    asked = layer(
        "10.0.0.2", edits={"x": ["-    forward . 10.0.0.1", "+    forward . 10.0.0.2"]}, present=True
    )
    kind = "pulumi-python:dynamic/coredns:CorefileZones"
    known, blind = (
        preview(step("update", kind, "coredns", old=old, new=new)) for new in (asked, layer("10.0.0.2"))
    )
    assert list(fingerprints(known)) == list(fingerprints(blind))
    other = preview(step("update", kind, "coredns", old=old, new=layer("10.0.0.3")))
    assert list(fingerprints(other)) != list(fingerprints(known))


def test_what_is_taken_over_is_what_a_blind_preview_adds() -> None:
    adopted, added = (preview(step(op, new=application())) for op in ("import", "create"))
    assert list(fingerprints(adopted)) == list(fingerprints(added))
