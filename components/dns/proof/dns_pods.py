"""Which pods read a ConfigMap, found by the volumes that they mount, and what they log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from components.dns.mounts import Json, containers, lives
from components.dns.proof.pod_log import running

KUBELET = timedelta(seconds=120)
"""How long the kubelet may take to bring a volume up to date."""
_PAGE = 250
_LAST_LINES = "300"
_FORBIDDEN = 403
# A log of which nothing comes may be one whose connection is gone; then it is asked for again.
_QUIET = httpx2.Timeout(10.0, read=30.0)


@dataclass(frozen=True)
class DnsPod:
    """A pod of which a container reads Corefiles from ConfigMaps."""

    name: str
    container: str
    created: datetime
    """By the API server's clock."""
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
    """Return UID → pod for each of `pods` that is there to stay and mounts one of these keys."""
    return {
        pod["metadata"]["uid"]: found
        for pod in pods
        if lives(pod)
        and "deletionTimestamp" not in pod["metadata"]
        and (found := _read(pod, config_map, keys))
    }


def _read(pod: Json, config_map: str, keys: Collection[str]) -> DnsPod | None:
    for container, found, _ in containers(pod):
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


class ForbiddenError(Exception):
    """The user of the kube-context may not; the text is the API server's."""


class PodsApi:
    """The pods of one namespace, and what they read.

    Raises (all methods):
        ForbiddenError: the right is missing.
        httpx2.HTTPError: the API server, or a node behind it, does not answer.
    """

    def __init__(self, http: httpx2.AsyncClient, namespace: str) -> None:
        self._http = http
        self._namespace = f"/api/v1/namespaces/{namespace}"
        self._path = f"{self._namespace}/pods"

    async def holds(self, config_map: str, texts: Mapping[str, str | None]) -> bool:
        """Tell whether a ConfigMap has these texts, by key; None stands for no such key."""
        answer = await self._http.get(f"{self._namespace}/configmaps/{config_map}")
        _require(answer)
        data = answer.json().get("data") or {}
        return all(data.get(key) == text for key, text in texts.items())

    async def pods(self) -> tuple[list[dict[str, Any]], datetime]:
        """Return all pods, and the API server's time."""
        found: list[dict[str, Any]] = []
        page = {"limit": str(_PAGE)}
        while True:
            answer = await self._http.get(self._path, params=page)
            _require(answer)
            content = answer.json()
            found += content["items"]
            if not (more := content.get("metadata", {}).get("continue")):
                return found, parsedate_to_datetime(answer.headers["date"])
            page["continue"] = more

    async def runs(self, pod: DnsPod, digests: Collection[str]) -> bool:
        """Tell whether the end of its log says that `pod` runs the text of one of these digests."""
        now = ""
        if digests:
            async for _, line in self.log(pod, None, follow=False):
                now = running(line) or now
        return now in digests

    async def log(
        self, pod: DnsPod, since: datetime | None, *, follow: bool = True
    ) -> AsyncIterator[tuple[str, str]]:
        """Yield what `pod` logs after `since`, each line behind its time, until the connection ends.

        With `follow`, what it logs from now on, too. Without `since`, the last lines.
        """
        asked = {
            "container": pod.container,
            "follow": str(follow).lower(),
            "timestamps": "true",
        }
        if since:
            asked["sinceTime"] = since.isoformat(timespec="seconds").replace("+00:00", "Z")
        else:
            asked["tailLines"] = _LAST_LINES
        path = f"{self._path}/{pod.name}/log"
        async with self._http.stream("GET", path, params=asked, timeout=_QUIET) as answer:
            if answer.is_error:
                await answer.aread()
            _require(answer)
            async for line in answer.aiter_lines():
                moment, _, text = line.partition(" ")
                yield moment, text


def _require(answer: httpx2.Response) -> None:
    if answer.status_code == _FORBIDDEN:
        raise ForbiddenError(_message(answer))
    if answer.is_error:
        raise httpx2.HTTPStatusError(_message(answer), request=answer.request, response=answer)


def _message(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.text.strip()[:200]}"
