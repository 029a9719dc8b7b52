"""Which pods read a ConfigMap, found by the volumes that they mount. Pure: the API's JSON in, data out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from components.dns.mounts import Json, mounted

KUBELET = timedelta(seconds=120)
"""How long the kubelet may take to bring a volume up to date."""


@dataclass(frozen=True)
class DnsPod:
    """A pod of which a container reads Corefiles from ConfigMaps."""

    name: str
    """The pod's name."""
    container: str
    created: datetime
    """When the pod was created, by the API server's clock."""
    config_maps: frozenset[str]
    """The ConfigMaps that it mounts."""
    by_sub_path: bool
    """Whether it mounts the file by `subPath`, which the kubelet never brings up to date."""
    ready: bool
    started: datetime | None
    """When the container that runs now has started, by its node's clock; None while none runs."""
    restarts: int = 0

    def reads_since(self, moment: datetime) -> bool:
        """Tell whether its container has started on a volume that was filled after `moment`."""
        if not (self.ready and self.started):
            return False
        is_new = self.created >= moment or (self.started >= moment and not self.restarts)
        return is_new or self.started >= moment + KUBELET


def dns_pods(pods: Collection[Json], config_map: str, keys: Collection[str]) -> dict[str, DnsPod]:
    """Return UID → pod for each of `pods` that is there to stay and mounts one of these keys.

    Args:
        pods: Pod objects.
        config_map: the ConfigMap's name.
        keys: the keys that matter; a volume may leave out others.
    """
    return {
        pod["metadata"]["uid"]: found
        for pod in pods
        if not _is_ending(pod) and (found := _read(pod, config_map, keys))
    }


def _is_ending(pod: Json) -> bool:
    over = pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}
    return over or "deletionTimestamp" in pod["metadata"]


def _read(pod: Json, config_map: str, keys: Collection[str]) -> DnsPod | None:
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    for container in pod["spec"].get("containers") or ():
        found, _ = mounted(container, volumes)
        wanted = [
            mount for mount in found if mount.config_map == config_map and any(map(mount.file_of, keys))
        ]
        if wanted:
            status = _status(pod, container["name"])
            running = status.get("state", {}).get("running")
            return DnsPod(
                pod["metadata"]["name"],
                container["name"],
                datetime.fromisoformat(pod["metadata"]["creationTimestamp"]),
                frozenset(mount.config_map for mount in found),
                all(mount.key for mount in wanted),
                bool(status.get("ready")),
                datetime.fromisoformat(running["startedAt"]) if running else None,
                status.get("restartCount", 0),
            )
    return None


def _status(pod: Json, container: str) -> Json:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return next((status for status in statuses if status["name"] == container), {})
