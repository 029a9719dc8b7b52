"""What an Application's `status` means."""

from __future__ import annotations

from typing import Any

from components.projects.application_status import ApplicationStatus, application_status

COMMIT = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"


def status(annotations: dict[str, str] | None = None, **fields: Any) -> ApplicationStatus:
    metadata = {"name": "argo-docserver", "namespace": "argocd", "annotations": annotations or {}}
    return application_status({"metadata": metadata, "status": fields})


def synced(**fields: Any) -> ApplicationStatus:
    usual = {"reconciledAt": "2026-01-01T00:00:00Z", "sync": {"status": "Synced", "revision": COMMIT}}
    return status(**{**usual, "health": {"status": "Healthy"}, **fields})


def test_one_that_nobody_has_looked_at_has_reached_nothing_and_failed_at_nothing() -> None:
    seen = status()
    assert not seen.looked_at
    assert not seen.has_reached("compared")
    assert not seen.failure("healthy")


def test_a_synced_and_healthy_one_has_reached_everything() -> None:
    seen = synced()
    assert all(seen.has_reached(until) for until in ("compared", "synced", "healthy"))
    assert str(seen) == "Synced Healthy, 3b18e51"


def test_one_that_waits_for_a_person_is_compared_and_not_synced() -> None:
    seen = synced(sync={"status": "OutOfSync", "revision": COMMIT})
    assert seen.has_reached("compared")
    assert not seen.has_reached("synced")
    assert not seen.degraded


def test_a_condition_is_a_failure_in_argo_cds_words_and_gives_the_time() -> None:
    moment = "2026-01-02T00:00:00Z"
    wrong = {"type": "ComparisonError", "message": "no such host", "lastTransitionTime": moment}
    warning = {"type": "OrphanedResourceWarning", "message": "orphans"}
    seen = synced(conditions=[warning, wrong])
    assert seen.failure("compared") == seen.last_error == "no such host"
    assert seen.since == moment
    assert seen.degraded


def test_a_spec_that_is_refused_comes_before_the_error_of_an_earlier_comparison() -> None:
    earlier = {"type": "ComparisonError", "message": "authentication required"}
    refused = {"type": "InvalidSpecError", "message": "is not permitted in project 'shop'"}
    assert synced(conditions=[earlier, refused]).failure("compared") == "is not permitted in project 'shop'"


def test_a_sync_that_failed_for_what_is_compared_now_is_a_failure_only_of_who_waits_for_a_sync() -> None:
    ended = {"phase": "Failed", "message": "is not permitted", "syncResult": {"revision": COMMIT}}
    seen = synced(operationState=ended)
    assert seen.failure("compared") == ""
    assert seen.failure("synced") == "is not permitted"


def test_a_sync_of_an_earlier_commit_that_failed_is_no_failure() -> None:
    ended = {"phase": "Failed", "message": "is not permitted", "syncResult": {"revision": "0" * 40}}
    assert synced(operationState=ended).failure("synced") == ""


def test_the_version_of_a_chart_is_not_shortened() -> None:
    assert synced(sync={"status": "Synced", "revision": "1.2.3-beta.10"}).short_revision == "1.2.3-beta.10"


def test_of_several_sources_the_first_is_shown() -> None:
    seen = synced(sync={"status": "Synced", "revisions": [COMMIT, "0" * 40]})
    assert seen.short_revision == "3b18e51"


def test_one_that_is_asked_to_be_looked_at_says_so() -> None:
    assert status({"argocd.argoproj.io/refresh": "normal"}).refreshing
