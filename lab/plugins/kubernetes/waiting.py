"""When an object counts as ready, as in the real plugin. Pure, but for `until`, which polls."""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from lab.plugins.kubernetes.manifest import Kind, Manifest, annotations
from lab.plugins.serve import Refusal

DEFAULT_SECONDS = 600.0

_Reason = str | None
_JSONPATH = re.compile(r"jsonpath=\{?\.?(?P<path>[A-Za-z0-9_.-]+)\}?(?:==?(?P<value>.*))?")


class TimedOutError(Exception):
    """It did not become ready in time."""


def seconds_allowed(custom_timeout: float, manifest: Manifest) -> float:
    """Return how long to wait: `custom_timeouts`, else the annotation, else ten minutes."""
    if custom_timeout:
        return custom_timeout
    annotated = str(annotations(manifest).get("pulumi.com/timeoutSeconds", ""))
    return float(annotated) if annotated.isdigit() else DEFAULT_SECONDS


def until(
    check: Callable[[], _Reason], seconds: float, cancelled: threading.Event, report: Callable[[str], None]
) -> None:
    """Poll until `check` returns None.

    Args:
        check: returns why it is not ready yet.
        seconds: how long to wait at most.
        cancelled: ends the waiting early.
        report: is told each new reason.

    Raises:
        TimedOutError: with the last reason that `check` gave.
    """
    deadline = time.monotonic() + seconds
    pause = 0.1
    reported = None
    while (reason := check()) is not None:
        if reason != reported:
            report(reason)
            reported = reason
        if cancelled.is_set():
            raise TimedOutError(f"cancelled while waiting: {reason}")
        if time.monotonic() > deadline:
            raise TimedOutError(f"not ready after {seconds:.0f} s: {reason}")
        cancelled.wait(pause)
        pause = min(pause * 1.5, 2.0)


def why_not_ready(live: Manifest, kind: Kind) -> _Reason:
    """Return why an object is not ready yet; None if it is, or if nothing is awaited for its kind."""
    check = _CHECKS.get(str(kind))
    if annotations(live).get("pulumi.com/skipAwait") == "true":
        return None
    wanted = annotations(live).get("pulumi.com/waitFor")
    if wanted:
        return next((reason for item in wait_for(str(wanted)) if (reason := _unmet(live, item))), None)
    return check(live) if check else None


def _behind(live: Manifest) -> bool:
    status = live.get("status") or {}
    return int(status.get("observedGeneration", 0)) < int(live["metadata"].get("generation", 0))


def _deployment(live: Manifest) -> _Reason:
    status, wanted = live.get("status") or {}, live["spec"].get("replicas", 1)
    if _behind(live):
        return "the controller has not seen the change yet"
    for condition in status.get("conditions", []):
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return f"the rollout is stuck: {condition.get('message', '')}"
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted or available < wanted or status.get("replicas", 0) > updated:
        return f"{available} of {wanted} pods are available, {updated} are up to date"
    return None


def _stateful_set(live: Manifest) -> _Reason:
    status, wanted = live.get("status") or {}, live["spec"].get("replicas", 1)
    if _behind(live):
        return "the controller has not seen the change yet"
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if ready < wanted or updated < wanted:
        return f"{ready} of {wanted} pods are ready, {updated} are up to date"
    return None


def _daemon_set(live: Manifest) -> _Reason:
    status = live.get("status") or {}
    wanted = status.get("desiredNumberScheduled", 0)
    if _behind(live):
        return "the controller has not seen the change yet"
    ready, updated = status.get("numberReady", 0), status.get("updatedNumberScheduled", 0)
    return None if ready >= wanted and updated >= wanted else f"{ready} of {wanted} pods are ready"


def _job(live: Manifest) -> _Reason:
    conditions = {item["type"]: item for item in (live.get("status") or {}).get("conditions", [])}
    if conditions.get("Complete", {}).get("status") == "True":
        return None
    failed = conditions.get("Failed", {})
    if failed.get("status") == "True":
        return f"the job has failed: {failed.get('message', '')}"
    return "the job has not completed"


def _pod(live: Manifest) -> _Reason:
    status = live.get("status") or {}
    ready = any(item["type"] == "Ready" and item["status"] == "True" for item in status.get("conditions", []))
    return None if ready or status.get("phase") == "Succeeded" else f"the pod is {status.get('phase', 'new')}"


_CHECKS: Mapping[str, Callable[[Manifest], _Reason]] = {
    "apps/v1/DaemonSet": _daemon_set,
    "apps/v1/Deployment": _deployment,
    "apps/v1/StatefulSet": _stateful_set,
    "batch/v1/Job": _job,
    "v1/Pod": _pod,
}


def wait_for(annotation: str) -> list[tuple[str, str, str]]:
    """Read `pulumi.com/waitFor`: one condition, or a JSON list of them, as (form, subject, value).

    Raises:
        Refusal: a form that the stand-in does not do.
    """
    try:
        parsed = json.loads(annotation)
    except ValueError:
        parsed = annotation
    return [_condition(item) for item in (parsed if isinstance(parsed, list) else [annotation])]


def _condition(text: Any) -> tuple[str, str, str]:
    if isinstance(text, str) and text.startswith("condition="):
        subject, _, value = text.removeprefix("condition=").partition("=")
        return "condition", subject, value or "True"
    match = _JSONPATH.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Refusal(
            f"the lab's stand-in does not understand `pulumi.com/waitFor: {text}`. It does `condition=Type` "
            "and plain paths such as `jsonpath={.status.sync.status}=Synced`; the rest needs the real plugin"
        )
    return "jsonpath", match["path"], match["value"] or ""


def _unmet(live: Manifest, condition: tuple[str, str, str]) -> _Reason:
    form, subject, wanted = condition
    if form == "condition":
        found = {
            item.get("type"): item.get("status") for item in (live.get("status") or {}).get("conditions", [])
        }
        now: Any = found.get(subject)
    else:
        now = live
        for step in subject.split("."):
            now = now.get(step) if isinstance(now, Mapping) else None
    if now is not None and (not wanted or str(now) == wanted):
        return None
    return f"{subject} is {now!r}, not {wanted!r}" if wanted else f"{subject} is not there yet"
