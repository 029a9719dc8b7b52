"""What becomes a row: the stack file beside what Argo CD says."""

from __future__ import annotations

from typing import Any

from tests.site import settings
from tests.tools.status.site import COMMIT, MOMENT, application, failing
from tools.status.applications import ApplicationRow, application_rows


def rows(*there: dict[str, Any], projects: tuple[str, ...] = ("docserver",)) -> list[ApplicationRow]:
    declared = settings(projects={name: {} for name in projects}).applications
    return application_rows(declared, there, "prod")


def test_a_synced_and_healthy_one_is_fine_and_has_all_columns() -> None:
    (row,) = rows(application())
    assert row.is_fine
    assert row.as_json() == {
        "name": "argo-docserver",
        "namespace": "argocd",
        "revision": COMMIT,
        "deployed": "2026-01-01T22:00:00Z",
        "sync": "Synced",
        "health": "Healthy",
        "since": MOMENT,
        "degraded": False,
        "error": "",
        "message": "",
        "fix": "",
        "note": "",
    }


def test_an_error_is_told_with_its_cause_argo_cds_words_and_the_fix() -> None:
    (row,) = rows(failing("argo-docserver"))
    assert row.error == "the host's name is not found where Argo CD asks for it"
    assert row.words.startswith("failed to list refs: Get ")
    assert "make verify" in row.fix


def test_a_very_long_error_is_cut() -> None:
    (row,) = rows(failing("argo-docserver", "word " * 1000))
    assert len(row.words) < 700
    assert row.words.endswith(" …")


def test_an_argo_cd_that_is_not_ready_is_no_fault_of_the_project() -> None:
    (row,) = rows(failing("argo-docserver", "rpc error: code = Unavailable desc = dial tcp"))
    assert row.error == "Argo CD is not ready itself"


def test_a_workload_that_does_not_work_is_degraded() -> None:
    (row,) = rows(application(health={"status": "Degraded"}))
    assert row.error == "it is synced, and its health is Degraded"


def test_one_that_waits_for_a_person_is_neither_fine_nor_degraded() -> None:
    (row,) = rows(application(sync={"status": "OutOfSync"}, health={"status": "Missing"}))
    assert (row.is_fine, row.error) == (False, "")


def test_one_that_is_not_there_and_one_that_is_somebody_elses_are_degraded() -> None:
    absent, other, by_hand = rows(
        application("argo-b", stack="dev"), application("argo-c", stack=""), projects=("a", "b", "c")
    )
    assert (absent.state, absent.fix) == ("not in the cluster", "run `pulumi up`")
    assert other.error == "it is there, but the stack dev has declared it"
    assert by_hand.error == "it is there, but no stack has declared it"


def test_what_argo_cd_has_not_looked_at_is_told_and_not_degraded() -> None:
    bare = application()
    del bare["status"]
    (row,) = rows(bare)
    assert (row.note, row.error) == ("Argo CD has not looked at it yet", "")
    assert row.state == "not looked at yet"


def test_one_that_the_stack_file_has_no_longer_is_told_last_and_one_of_others_is_not() -> None:
    *_, last = rows(application("old"), application(), application("others", stack="dev"))
    assert last.name == "old"
    assert "the next `pulumi up` takes it away" in last.note


def test_what_gitlab_may_have_named_is_a_project_as_any() -> None:
    found = application_rows([], [application("argo-found"), failing("argo-wrong")], "prod", discovers=True)
    assert [(row.name, row.is_fine, bool(row.error)) for row in found] == [
        ("argo-found", True, False),
        ("argo-wrong", False, True),
    ]
