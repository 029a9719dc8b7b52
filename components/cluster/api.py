"""Reach the stack's Kubernetes cluster: the Pulumi provider, and our own client for reading and editing.

Our own client is lightkube, which starts four times as fast as the official one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from threading import RLock
from typing import Any, Self, TypeVar

import httpx2
from lightkube import Client
from lightkube.config import client_adapter
from lightkube.core.exceptions import ApiError, ConfigError

from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import log_in, usable

FIELD_MANAGER = "protobox-cd"
"""Who writes, as `metadata.managedFields` tells it."""

ONE_REQUEST_AT_A_TIME = RLock()
"""Held around lightkube's typed requests; the Reader has none. The engine lets one plugin process work on
several resources at once, and msgspec, with which lightkube reads objects, crashes the interpreter when two
threads prepare the same type at the same moment."""

_TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
_FORBIDDEN, _UNAUTHORIZED, _NOT_FOUND = 403, 401, 404
_NOT_NOW = (429, 503)
_GONE = 410
"""What happened after a version that is too old, the API server does not know any more."""
_SILENT = 5.0
"""For how many seconds more than it was asked for a watch may be silent."""
PATIENCE = 30.0
"""For how many seconds an answer is waited for while the API server says that it cannot give it yet."""
_PAUSE = 1.0
_BROKEN = (httpx2.RemoteProtocolError, httpx2.ReadError)
_ODD, _TRIES = (500, 502, 504), 3
"""What an API server answers while its etcd elects a leader, or a load balancer does not reach it."""
_LONGEST_TEXT = 200
_last_trouble = [float("-inf")]
_Answer = TypeVar("_Answer")

CLIENT_ERRORS = (ApiError, ConfigError, httpx2.HTTPError, OSError)
"""What the Kubernetes client raises when the cluster is to blame."""


def connect(context: str) -> Client:
    """Return a client for the kube-context `context`.

    Raises:
        ClusterError: the context is in no kubeconfig, or its entry cannot be used.
    """
    with ONE_REQUEST_AT_A_TIME, usable(context) as config:
        return Client(config=config, timeout=_TIMEOUT, field_manager=FIELD_MANAGER)


def connect_many(context: str) -> httpx2.AsyncClient:
    """Return a client that asks for many things at the same time, to be closed after use.

    Raises:
        ClusterError: the context is in no kubeconfig, or its entry cannot be used.
    """
    with ONE_REQUEST_AT_A_TIME, usable(context) as config:
        return client_adapter.AsyncClient(config, client_adapter.ConnectionParams(timeout=_TIMEOUT))


def patiently(request: Callable[[], _Answer], seconds: float | None = None) -> _Answer:
    """Return what `request` returns, and repeat it for `seconds` while the API server answers "not now".

    It has done nothing then: 429 while it is busy or a new kind is not served yet, 503 while it starts. An
    answer that breaks off, and one by which it says that something is wrong with itself, is asked for again
    twice. A write must bear repetition, since it may have been carried out. `PATIENCE` is the default.

    Raises:
        httpx2.HTTPError: another answer, or still this one.
    """
    end = time.monotonic() + (PATIENCE if seconds is None else seconds)
    odd = 0
    while True:
        pause = _PAUSE
        try:
            return request()
        except (httpx2.HTTPStatusError, *_BROKEN) as error:
            if not is_passing(error):
                raise
            _last_trouble[0] = time.monotonic()
            busy = False
            if isinstance(error, httpx2.HTTPStatusError):
                busy = error.response.status_code in _NOT_NOW
                wish = error.response.headers.get("Retry-After", "")
                pause = float(wish) if wish.isdecimal() else _PAUSE
            odd += not busy
            if odd == _TRIES or time.monotonic() + pause > end:
                raise
        time.sleep(pause)


def is_passing(error: Exception) -> bool:
    """Tell whether the API server may answer otherwise when it is asked again."""
    if isinstance(error, httpx2.HTTPStatusError):
        return error.response.status_code in (*_NOT_NOW, *_ODD)
    return isinstance(error, _BROKEN)


def calm_seconds() -> float:
    """Return for how long every request of this process was answered at once; at first, for ever."""
    return time.monotonic() - _last_trouble[0]


class Reader:
    """Reads from the API server of one kube-context as JSON, for what needs no types.

    Args:
        context: the kube-context.
        patience: as `seconds` of `patiently`.

    Attributes:
        clock: the API server's clock at its last answer, in seconds since 1970; this machine's may be wrong.

    Raises (all methods):
        ClusterError: the context does not exist, or its API server does not answer or forbids it.
    """

    def __init__(self, context: str, patience: float | None = None) -> None:
        self.clock = time.time()
        self._context = context
        self._patience = patience
        with ONE_REQUEST_AT_A_TIME, usable(context) as config:
            self._http = client_adapter.Client(config, client_adapter.ConnectionParams(timeout=_TIMEOUT))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self._http.close()

    def get(self, path: str, *, metadata_only: bool = False, **params: str) -> Any:
        """Return the object or list at `path` of the API; None if it does not exist.

        Args:
            path: the path and nothing after it.
            metadata_only: of the objects in a list, leave out everything but `metadata`.
            params: the query, such as `labelSelector`.
        """
        accept = "application/json"
        if metadata_only:
            accept += ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
        return self._answer(lambda: self._http.get(path, params=params, headers={"Accept": accept}))

    def ask(self, path: str, question: Mapping[str, Any]) -> Any:
        """Return the answer to a question that the API takes as an object, such as an access review."""
        return self._answer(lambda: self._http.post(path, json=question))

    def merge(self, path: str, patch: Mapping[str, Any]) -> Any:
        """Merge `patch` into the object at `path` of the API, and return the object."""
        headers = {"Content-Type": "application/merge-patch+json"}
        return self._answer(lambda: self._http.patch(path, json=patch, headers=headers))

    def delete(self, path: str) -> None:
        """Delete the object at `path` of the API; one that does not exist is no mistake."""
        self._answer(lambda: self._http.delete(path))

    def watch(self, path: str, version: str, seconds: float) -> Iterator[Mapping[str, Any]]:
        """Yield what happens to the objects in the list at `path` of the API after a `resourceVersion`.

        It ends after `seconds`, and earlier where the connection does: then whoever watches reads again.
        """
        asked = {"watch": "true", "resourceVersion": version, "timeoutSeconds": f"{max(seconds, 1):.0f}"}
        patience = httpx2.Timeout(_TIMEOUT.write, connect=_TIMEOUT.connect, read=seconds + _SILENT)
        try:
            with self._http.stream("GET", path, params=asked, timeout=patience) as answer:
                if answer.is_error:
                    answer.read()
                    answer.raise_for_status()
                for line in filter(None, answer.iter_lines()):
                    yield json.loads(line)
        except httpx2.HTTPStatusError as error:
            if error.response.status_code not in (*_NOT_NOW, _GONE):
                raise explain(error, self._context) from None
            time.sleep(_PAUSE)
        except (httpx2.HTTPError, OSError, ValueError):
            time.sleep(_PAUSE)

    def _answer(self, request: Callable[[], httpx2.Response]) -> Any:
        def ask() -> Any:
            answer = request()
            with suppress(KeyError, ValueError):  # something in between may leave it out
                self.clock = parsedate_to_datetime(answer.headers["Date"]).timestamp()
            return None if answer.status_code == _NOT_FOUND else answer.raise_for_status().json()

        try:
            return patiently(ask, self._patience)
        except (*CLIENT_ERRORS, ValueError) as error:
            raise explain(error, self._context) from None


def get_if_allowed(reader: Reader, path: str, **query: Any) -> Any:
    """Return what `reader.get` does, and None also where this user may not read it.

    Raises:
        ClusterError: the API server does not answer.
    """
    try:
        return reader.get(path, **query)
    except ClusterError as error:
        if error.forbidden:
            return None
        raise


def explain(error: Exception, context: str) -> ClusterError:
    """Return what an error of the Kubernetes client means for the user."""
    server = f"the API server of the kube-context {context!r}"
    why = "a preview without the cluster would show changes that nobody can rely on"
    if isinstance(error, httpx2.HTTPStatusError):
        code = error.response.status_code
        answer = f"{code}: {_message(error.response)}"
        if code == _UNAUTHORIZED:
            return ClusterError(f"{server} does not accept the credentials ({answer})", why, log_in(context))
        if code == _FORBIDDEN:
            return ClusterError(
                f"{server} forbids it ({answer})",
                "the change needs this right",
                "give this user the right"
                + (
                    ", or choose protobox-cd:dns.strategy: hostAliases, which needs none in kube-system"
                    if "kube-system" in answer
                    else ""
                ),
                forbidden=True,
            )
        return ClusterError(f"{server} answers {answer}", why, log_in(context))
    if isinstance(error, httpx2.TimeoutException):
        return ClusterError(f"{server} does not answer within {_TIMEOUT.read:.0f} s", why, log_in(context))
    return ClusterError(f"{server} cannot be reached: {error}", why, log_in(context))


def _message(answer: httpx2.Response) -> str:
    """Return the API server's words: a Status, or text where it was too busy or a proxy answered for it."""
    try:
        return str(answer.json()["message"])
    except (ValueError, LookupError, TypeError):
        return answer.text.strip()[:_LONGEST_TEXT] or answer.reason_phrase
