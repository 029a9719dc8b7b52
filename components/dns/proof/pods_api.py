"""The two questions about pods that are asked of the API server: which there are, and what they log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from components.dns.proof.dns_pods import DnsPod

_PAGE = 250
_FORBIDDEN = 403
# A log of which nothing comes may be one whose connection is gone; then it is asked for again.
_QUIET = httpx2.Timeout(10.0, read=30.0)


class ForbiddenError(Exception):
    """The user of the kube-context may not; the text is the API server's."""


class PodsApi:
    """The pods of one namespace.

    Args:
        http: a client for the cluster.
        namespace: their namespace.

    Raises (all methods):
        ForbiddenError: the right is missing.
        httpx2.HTTPError: the API server, or a node behind it, does not answer.
    """

    def __init__(self, http: httpx2.AsyncClient, namespace: str) -> None:
        self._http = http
        self._path = f"/api/v1/namespaces/{namespace}/pods"

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

    async def log(
        self, pod: DnsPod, since: datetime, *, follow: bool = True
    ) -> AsyncIterator[tuple[str, str]]:
        """Yield what `pod` logs after `since`, each line behind its time, until the connection ends.

        Args:
            pod: whose log it is.
            since: the moment.
            follow: whether what it logs from now on matters, too.
        """
        asked = {
            "container": pod.container,
            "follow": str(follow).lower(),
            "timestamps": "true",
            "sinceTime": since.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
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
