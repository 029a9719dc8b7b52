import threading
from typing import Any

import pytest

from lab.plugins.kubernetes.manifest import Kind
from lab.plugins.kubernetes.waiting import (
    DEFAULT_SECONDS,
    TimedOutError,
    seconds_allowed,
    until,
    why_not_ready,
)
from lab.plugins.serve import Refusal

DEPLOYMENT = Kind("apps/v1", "Deployment")
APPLICATION = Kind("argoproj.io/v1alpha1", "Application")


def deployment(status: dict[str, Any], **annotations: str) -> dict[str, Any]:
    metadata = {
        "generation": 2,
        "annotations": {f"pulumi.com/{key}": value for key, value in annotations.items()},
    }
    return {"metadata": metadata, "spec": {"replicas": 2}, "status": status}


DONE = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (DONE, None),
        ({}, "has not seen"),
        ({**DONE, "observedGeneration": 1}, "has not seen"),
        ({**DONE, "availableReplicas": 1}, "1 of 2 pods"),
        ({**DONE, "updatedReplicas": 1, "replicas": 3}, "1 are up to date"),
        (
            {
                **DONE,
                "availableReplicas": 0,
                "conditions": [
                    {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "stuck"}
                ],
            },
            "stuck",
        ),
    ],
)
def test_a_deployment_is_ready_when_its_rollout_is_complete(
    status: dict[str, Any], reason: str | None
) -> None:
    found = why_not_ready(deployment(status), DEPLOYMENT)
    assert found is None if reason is None else reason in str(found)


def test_nobody_waits_when_told_not_to() -> None:
    assert why_not_ready(deployment({}, skipAwait="true"), DEPLOYMENT) is None


def test_nothing_is_awaited_for_kinds_without_a_rule() -> None:
    assert why_not_ready({"metadata": {}}, APPLICATION) is None


def test_a_job_is_ready_when_complete_and_says_why_it_failed() -> None:
    job = Kind("batch/v1", "Job")
    done = {"metadata": {}, "status": {"conditions": [{"type": "Complete", "status": "True"}]}}
    failed = {
        "metadata": {},
        "status": {"conditions": [{"type": "Failed", "status": "True", "message": "oh"}]},
    }
    assert why_not_ready(done, job) is None
    assert why_not_ready(failed, job) == "the job has failed: oh"


def application(wait_for: str, status: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"annotations": {"pulumi.com/waitFor": wait_for}}, "status": status}


@pytest.mark.parametrize(
    "wait_for",
    [
        "jsonpath={.status.sync.status}=Synced",
        '["jsonpath={.status.sync.status}=Synced"]',
        "jsonpath={.status.sync.status}",
    ],
)
def test_an_annotation_can_wait_for_a_field(wait_for: str) -> None:
    assert why_not_ready(application(wait_for, {"sync": {"status": "Synced"}}), APPLICATION) is None
    assert "status.sync.status" in str(why_not_ready(application(wait_for, {}), APPLICATION))


def test_an_annotation_can_wait_for_a_condition() -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    assert why_not_ready(application("condition=Ready", ready), APPLICATION) is None
    assert why_not_ready(application("condition=Ready=False", ready), APPLICATION) is not None


def test_a_filter_that_the_stand_in_cannot_evaluate_is_refused() -> None:
    with pytest.raises(Refusal, match="needs the real plugin"):
        why_not_ready(application("jsonpath={.status.list[?(@.a=='b')].c}=d", {}), APPLICATION)


def test_the_time_allowed_comes_from_the_option_then_from_the_annotation() -> None:
    annotated = deployment({}, timeoutSeconds="30")
    assert seconds_allowed(5, annotated) == 5
    assert seconds_allowed(0, annotated) == 30
    assert seconds_allowed(0, {}) == DEFAULT_SECONDS


def test_waiting_ends_with_the_last_reason_and_reports_each_reason_once() -> None:
    reasons = iter(["one", "one", "two"])
    reported: list[str] = []
    with pytest.raises(TimedOutError, match="two"):
        until(lambda: next(reasons, "two"), 0.3, threading.Event(), reported.append)
    assert reported == ["one", "two"]


def test_a_cancelled_deployment_stops_waiting() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(TimedOutError, match="cancelled"):
        until(lambda: "never", 60, cancelled, lambda _: None)
