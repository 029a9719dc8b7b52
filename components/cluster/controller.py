"""Whether Argo CD's controller works on Applications: it may be scaled down, hang, or be played by a lab.

What asks the cluster raises ClusterError where the API server does not answer, or forbids it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.objects import applications, items

NO_CONTROLLER = "no application-controller runs"
"""Why an Argo CD is idle that is not there, or is scaled down."""
PLAYED = "no kubelet has started the pods of its application-controller, as in a lab"
_CONTROLLER = "app.kubernetes.io/component=application-controller"
_AT_LEAST_EVERY = timedelta(minutes=10)
_A_MOMENT = 10.0


def idle(context: str, namespace: str) -> str:
    """Return why nobody would carry out what finalizers ask for; "" if Argo CD works.

    A new Application may be waited for a moment: Argo CD looks at it within seconds.
    """
    with Reader(context) as reader:
        end = time.monotonic() + _A_MOMENT
        while (found := idle_now(reader, namespace)) and time.monotonic() < end:
            time.sleep(1)
    return found


def idle_now(reader: Reader, namespace: str) -> str:
    """Return the same as `idle` without waiting; an Argo CD that has just started may not have looked yet."""
    path = f"/apis/apps/v1/namespaces/{namespace}"
    runs = any(
        item.get("status", {}).get("readyReplicas", 0) > 0
        for kind in ("statefulsets", "deployments")  # with dynamic cluster distribution it is a Deployment
        for item in items(reader.get(f"{path}/{kind}", labelSelector=_CONTROLLER))
    )
    if not runs:
        return NO_CONTROLLER
    # Its pods may run and do nothing. What it works on, it looks at anew every three minutes by default.
    there = applications(reader, namespace)
    last = max((str((each.get("status") or {}).get("reconciledAt") or "") for each in there), default="")
    if not last:
        return "the application-controller has never looked at any Application, although its pods run"
    age = datetime.fromtimestamp(reader.clock, UTC) - datetime.fromisoformat(last)
    if age < _AT_LEAST_EVERY:
        return ""
    minutes = age.total_seconds() / 60
    return (
        f"the application-controller has not looked at any Application for {minutes:.0f} minutes, although "
        "its pods run"
    )


def why_nobody_looks(reader: Reader, namespace: str) -> str:
    """Return why nobody will look at any Application; "" if somebody does, or may be about to.

    A controller whose containers run may need minutes at first, to read a large cluster. So only that is
    taken for certain of which there is none, or which never runs: a pod without the ID of a container is one
    that no kubelet has started.
    """
    found = idle_now(reader, namespace)
    if found and found != NO_CONTROLLER:
        return PLAYED if _is_played(reader, namespace) else ""
    return found


def _is_played(reader: Reader, namespace: str) -> bool:
    try:
        pods = items(reader.get(f"/api/v1/namespaces/{namespace}/pods", labelSelector=_CONTROLLER))
    except ClusterError as error:
        if error.forbidden:
            return False
        raise
    containers = [status for pod in pods for status in pod.get("status", {}).get("containerStatuses") or []]
    return bool(containers) and not any(status.get("containerID") for status in containers)
