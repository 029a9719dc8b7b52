from __future__ import annotations

import json
from pathlib import Path

import pytest

from review.drift import DRIFT, main
from review.outcome import FAILED, FINE, UNWRITTEN
from tests.review.gitlab import Fault, GitLab, Issue
from tests.review.gitlab.server import TOKEN
from tests.review.real_previews import text

EXPECTED_NONE = "error: no changes were expected for preview but changes were proposed\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def drift(gitlab: GitLab, preview: str, *, code: int = 0, log: str = "", pipeline: int = 1000) -> int:
    """Run the drift job's second command on what its first one has left; returns the exit code."""
    Path("preview.json").write_text(preview, encoding="utf-8")
    Path("preview.log").write_text(log, encoding="utf-8")
    environ = gitlab.environ(pipeline)
    del environ["CI_MERGE_REQUEST_IID"]
    return main(["dev", "preview.json", "--log", "preview.log", "--preview-exit-code", str(code)], environ)


def the_issue(gitlab: GitLab) -> Issue:
    (issue,) = gitlab.project.issues
    return issue


def step(op: str, kind: str = "kubernetes:core/v1:ConfigMap") -> str:
    """Return a preview of one step."""
    urn = f"urn:pulumi:dev::protobox-cd::{kind}::coredns"
    return json.dumps({"steps": [{"op": op, "urn": urn}], "duration": 1, "changeSummary": {op: 1}})


def test_a_run_without_the_cluster_proves_nothing(gitlab: GitLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert drift(gitlab, text("drift"), code=7, log=EXPECTED_NONE) == DRIFT
    offline = json.loads(text("no-changes"))
    warning = "warning: Offline preview: PROTOBOX_OFFLINE is set, so the cluster was not asked."
    offline["diagnostics"] = [{"severity": "warning", "message": warning}]
    assert drift(gitlab, json.dumps(offline), pipeline=1001) == FAILED
    assert the_issue(gitlab).state == "opened"
    assert "PROTOBOX_OFFLINE is set" in capsys.readouterr().err


def test_drift_is_opened_updated_closed_and_opened_again(
    gitlab: GitLab, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drift(gitlab, text("drift"), code=7, log=EXPECTED_NONE) == DRIFT
    issue = the_issue(gitlab)
    assert issue.state == "opened"
    assert "stack `dev` declares" in str(issue.description)
    assert "to change" in str(issue.description)
    assert f"({gitlab.url}/protobox1/site/-/jobs/10001)" in str(issue.description)
    assert "stack dev: the issue is written" in capsys.readouterr().err

    assert drift(gitlab, text("drift"), code=7, log=EXPECTED_NONE, pipeline=1001) == DRIFT
    assert "stack dev: the issue is updated" in capsys.readouterr().err

    assert drift(gitlab, text("no-changes"), pipeline=1002) == FINE
    assert issue.state == "closed"
    assert f"says [this job]({gitlab.url}/protobox1/site/-/jobs/10021)" in str(issue.description)
    assert capsys.readouterr().out == "stack dev: no drift\nstack dev: the issue is closed\n"

    assert drift(gitlab, text("drift"), code=7, log=EXPECTED_NONE, pipeline=1003) == DRIFT
    assert the_issue(gitlab).state == "opened"
    assert "No drift any more" not in str(issue.description)


def test_no_drift_and_no_issue_is_one_line(gitlab: GitLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert drift(gitlab, text("no-changes")) == FINE
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("stack dev: no drift\n", "")
    assert gitlab.count("P") == 0


@pytest.mark.parametrize(("code", "log"), [(0, ""), (7, ""), (255, EXPECTED_NONE)])
def test_the_changes_decide_however_the_engine_ends(gitlab: GitLab, code: int, log: str) -> None:
    assert drift(gitlab, step("update"), code=code, log=log) == DRIFT


@pytest.mark.parametrize(
    "preview",
    [step("read"), step("same"), step("refresh"), step("create", "protobox-cd:dns:Layers")],
    ids=["read", "same", "refresh", "a group"],
)
def test_what_leaves_the_cluster_as_it_is_is_no_drift(gitlab: GitLab, preview: str) -> None:
    assert drift(gitlab, preview, code=7, log=EXPECTED_NONE) == FINE


FAILURES = [
    ("", 1, "pulumi has ended with 1"),
    (text("drift")[:500], 1, "preview.json is not complete"),
    ("error: no credentials", 1, "is not what `pulumi preview --json` prints"),
    (text("mistakes"), 0, "nothing was changed"),
    (step("update"), 1, "pulumi has ended with 1"),
    (step("same"), 255, "pulumi has ended with 255"),
]


@pytest.mark.parametrize(("preview", "code", "what"), FAILURES, ids=[what for *_, what in FAILURES])
def test_a_preview_that_failed_is_told_and_asks_gitlab_nothing(
    gitlab: GitLab, capsys: pytest.CaptureFixture[str], preview: str, code: int, what: str
) -> None:
    assert drift(gitlab, preview, code=code, log="the engine's last words") == FAILED
    assert not gitlab.requests
    told = " ".join(capsys.readouterr().err.split())
    assert "stack dev: the preview has failed" in told
    assert what in told
    assert "whether there is drift is not known" in told
    assert "the engine's last words" in told


def test_drift_is_told_and_fails_the_job_also_where_gitlab_refuses(
    gitlab: GitLab, capsys: pytest.CaptureFixture[str]
) -> None:
    gitlab.tokens.clear()
    assert drift(gitlab, text("drift")) == DRIFT
    printed = capsys.readouterr()
    assert "to change" in printed.out
    assert "401: 401 Unauthorized" in printed.err
    assert TOKEN not in printed.out + printed.err


def test_an_issue_that_cannot_be_closed_fails_the_job(
    gitlab: GitLab, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(gitlab, text("drift"))
    gitlab.faults = [Fault("PUT", status=403, body='{"message": "403 Forbidden"}')]
    assert drift(gitlab, text("no-changes"), pipeline=1001) == UNWRITTEN
    assert "403 Forbidden" in capsys.readouterr().err
    assert the_issue(gitlab).state == "opened"


def test_a_missing_token_is_told(gitlab: GitLab, capsys: pytest.CaptureFixture[str]) -> None:
    Path("preview.json").write_text(text("no-changes"), encoding="utf-8")
    environ = gitlab.environ() | {"PROTOBOX_GITLAB_TOKEN": ""}
    assert main(["dev", "preview.json"], environ) == UNWRITTEN
    assert "PROTOBOX_GITLAB_TOKEN\n  the variable is not set" in capsys.readouterr().err


def test_a_log_that_is_not_there_is_no_obstacle(gitlab: GitLab) -> None:
    Path("preview.json").write_text(step("update"), encoding="utf-8")
    assert main(["dev", "preview.json", "--log", "nowhere.log"], gitlab.environ()) == DRIFT
