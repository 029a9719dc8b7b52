"""Whether anybody looks at Applications at all: a controller may be scaled down, or played by a lab."""

from __future__ import annotations

from components.cluster import live
from components.cluster.api import ClusterError, Reader

PLAYED = "no kubelet has started the pods of its application-controller, as in a lab"
_CONTROLLER = "app.kubernetes.io/component=application-controller"


def why_nobody_looks(reader: Reader, namespace: str) -> str:
    """Return why nobody will look at any Application; "" if somebody does, or may be about to.

    A controller whose containers run may need minutes at first, to read a large cluster. So only that is
    taken for certain of which there is none, or which never runs: a pod without the ID of a container is one
    that no kubelet has started.

    Raises:
        ClusterError: the API server does not answer, or forbids it.
    """
    found = live.idle_now(reader, namespace)
    if found and found != live.NO_CONTROLLER:
        return PLAYED if _is_played(reader, namespace) else ""
    return found


def _is_played(reader: Reader, namespace: str) -> bool:
    try:
        pods = reader.get(f"/api/v1/namespaces/{namespace}/pods", labelSelector=_CONTROLLER)
    except ClusterError as error:
        if error.forbidden:
            return False
        raise
    items = (pods or {}).get("items") or []
    containers = [status for pod in items for status in pod.get("status", {}).get("containerStatuses") or []]
    return bool(containers) and not any(status.get("containerID") for status in containers)
