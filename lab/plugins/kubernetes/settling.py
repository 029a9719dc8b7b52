"""Wait until an object of the cluster is ready, or gone."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.plugins.kubernetes import waiting
from lab.plugins.kubernetes.api import Api, ApiError, Endpoint
from lab.plugins.kubernetes.manifest import Kind, Manifest, name_and_namespace
from lab.plugins.serve import Engine


@dataclass(frozen=True)
class Patience:
    """How long to wait, and whom to tell meanwhile."""

    seconds: float
    cancelled: threading.Event
    engine: Engine
    urn: str

    def until(self, check: Callable[[], str | None]) -> None:
        """Poll until `check` returns no reason any more.

        Raises:
            waiting.TimedOutError: with the last reason.
        """
        started = time.monotonic()

        def report(reason: str) -> None:
            if time.monotonic() - started > 1:  # what is over at once is not worth a line
                self.engine.status(reason, self.urn)

        waiting.until(check, self.seconds, self.cancelled, report)


class NotReadyError(Exception):
    """It exists, but is not ready."""

    def __init__(self, reason: str, last: Manifest) -> None:
        super().__init__(reason)
        self.last = last


def until_ready(api: Api, endpoint: Endpoint, kind: Kind, live: Manifest, patience: Patience) -> Manifest:
    """Wait until the object is ready and return it as it is then.

    Raises:
        NotReadyError: with the object as it was seen last.
    """
    name, namespace = name_and_namespace(live)
    last = live

    def why_not() -> str | None:
        nonlocal last
        if waiting.why_not_ready(last, kind) is None:
            return None
        last = api.get(endpoint, namespace, name)
        return waiting.why_not_ready(last, kind)

    try:
        patience.until(why_not)
    except (waiting.TimedOutError, ApiError) as error:
        raise NotReadyError(str(error), last) from error
    return last


def until_gone(api: Api, endpoint: Endpoint, namespace: str | None, name: str, patience: Patience) -> None:
    """Wait until the object does not exist any more.

    Raises:
        waiting.TimedOutError: with what it waits for.
    """

    def why_not() -> str | None:
        try:
            live = api.get(endpoint, namespace, name)
        except ApiError as error:
            return None if error.is_missing else str(error)
        finalizers = live["metadata"].get("finalizers") or (live.get("spec") or {}).get("finalizers")
        return f"it waits for its finalizers {finalizers}" if finalizers else "it still exists"

    patience.until(why_not)
