"""Which pods read a ConfigMap, found by the volumes that they mount. Pure: the API's JSON in, data out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

KUBELET = timedelta(seconds=120)
"""How long the kubelet may take to bring a volume up to date."""

_Object = Mapping[str, Any]


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


def dns_pods(pods: Collection[_Object], config_map: str, keys: Collection[str]) -> dict[str, DnsPod]:
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


def _is_ending(pod: _Object) -> bool:
    over = pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}
    return over or "deletionTimestamp" in pod["metadata"]


def _read(pod: _Object, config_map: str, keys: Collection[str]) -> DnsPod | None:
    spec = pod["spec"]
    volumes = {volume["name"]: list(_sources(volume)) for volume in spec.get("volumes") or ()}
    wanted = {
        name
        for name, sources in volumes.items()
        if any(source.get("name") == config_map and _brings(source, keys) for source in sources)
    }
    for container in spec.get("containers") or ():
        mounts = container.get("volumeMounts") or []
        mounted = [mount for mount in mounts if mount["name"] in wanted]
        if mounted:
            names = {source.get("name", "") for mount in mounts for source in volumes.get(mount["name"], ())}
            status = _status(pod, container["name"])
            running = status.get("state", {}).get("running")
            return DnsPod(
                pod["metadata"]["name"],
                container["name"],
                datetime.fromisoformat(pod["metadata"]["creationTimestamp"]),
                frozenset(names),
                all(mount.get("subPath") or mount.get("subPathExpr") for mount in mounted),
                bool(status.get("ready")),
                datetime.fromisoformat(running["startedAt"]) if running else None,
                status.get("restartCount", 0),
            )
    return None


def _sources(volume: _Object) -> Iterator[_Object]:
    """Yield the ConfigMaps that a volume shows, alone or projected together with others."""
    if "configMap" in volume:
        yield volume["configMap"]
    for source in volume.get("projected", {}).get("sources") or ():
        if "configMap" in source:
            yield source["configMap"]


def _brings(source: _Object, keys: Collection[str]) -> bool:
    items = source.get("items")
    return not items or any(item["key"] in keys for item in items)


def _status(pod: _Object, container: str) -> _Object:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return next((status for status in statuses if status["name"] == container), {})
