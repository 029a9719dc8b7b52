"""Read and write ConfigMaps of one namespace so that nobody's concurrent edit is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar

from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Service

from components.cluster.api import (
    CLIENT_ERRORS,
    FIELD_MANAGER,
    ONE_REQUEST_AT_A_TIME,
    PATIENCE,
    Reader,
    calm_seconds,
    connect,
    explain,
    is_passing,
    patiently,
)
from components.cluster.errors import ClusterError
from components.dns.change import Change

_CONFLICT, _NOT_FOUND, _FORBIDDEN = 409, 404, 403
_ATTEMPTS, _FAILURES = 8, 3
CALM = 5.0
"""For how many seconds the API server must have answered each request at once, before anything is written."""


Answer = TypeVar("Answer")


class ConfigMaps:
    """The ConfigMaps of one namespace, as the kube-context's user may see them.

    Raises:
        ClusterError: from every method: the cluster does not answer, or does not allow it.
    """

    def __init__(self, context: str, namespace: str) -> None:
        self.context = context
        self.namespace = namespace
        self._client = connect(context)

    def get(self, name: str, namespace: str = "") -> ConfigMap | None:
        """Return the ConfigMap as it is now; None if there is none."""
        get = partial(self._client.get, ConfigMap, name, namespace=namespace or self.namespace)
        return self._ask(get, _NOT_FOUND)

    def service_addresses(self, *names: str) -> set[str]:
        """Return the cluster IPs of these Services; those that may not be read or are not there give none."""
        found: set[str] = set()
        for name in names:
            get = partial(self._client.get, Service, name, namespace=self.namespace)
            service = self._ask(get, _NOT_FOUND, _FORBIDDEN)
            found |= set((service.spec.clusterIPs if service and service.spec else None) or ())
        return found

    def pods(self) -> list[dict[str, Any]]:
        """Return the namespace's pods as JSON; none if they may not be read."""
        return self._items(lambda reader: reader.get(f"/api/v1/namespaces/{self.namespace}/pods"))

    def external_names(self) -> dict[str, str]:
        """Return the cluster's Services that are aliases, `namespace/name` → the name they lead to.

        None are known if they may not be read: they only make a warning.
        """
        return {
            f"{item['metadata']['namespace']}/{item['metadata']['name']}": str(item["spec"]["externalName"])
            for item in self._items(
                lambda reader: reader.get("/api/v1/services", fieldSelector="spec.type=ExternalName")
            )
        }

    def _items(self, read: Callable[[Reader], Any]) -> list[dict[str, Any]]:
        """Return the objects of the list that `read` reads; none if they may not be read."""
        try:
            with Reader(self.context) as reader:
                found = read(reader)
        except ClusterError:
            return []
        return list((found or {}).get("items") or ())

    def write(
        self, plan: Callable[[], Change | None], written: Callable[[str], object] = lambda _: None
    ) -> Change | None:
        """Plan on what is live and write it; again, a bounded number of times, if others write between.

        `written` takes the `resourceVersion` that the write has made, if there was one.

        Returns:
            The change that was written; one without `data` was not needed, None: there is nothing.
        """
        sent: Change | None = None
        failures = 0
        for attempt in range(_ATTEMPTS):
            edit = plan()
            if edit and sent and edit.before == sent.after:  # it was carried out, although no answer came
                written(edit.version)
                return sent
            if edit is None or not edit.data:
                return edit
            self._wait_for_calm(edit.config_map)
            try:
                live = _in_turn(partial(self._write, edit), patience=0)
            except CLIENT_ERRORS as error:
                if not (isinstance(error, ApiError) and error.status.code == _CONFLICT):
                    failures += 1
                    if failures == _FAILURES or not is_passing(error):
                        raise explain(error, self.context) from None
                sent = edit
                sleep(0.1 * 2**attempt)
            else:
                written(version_of(live))
                return edit
        raise ClusterError(
            f"the ConfigMap {self.namespace}/{edit.config_map if edit else ''} was changed by somebody else "
            f"at each of {_ATTEMPTS} attempts; nothing was written",
            "writing over a change that was not read would lose it",
            "find out who writes it (its metadata.managedFields tells), stop that, and run pulumi up again",
        )

    def _wait_for_calm(self, name: str) -> None:
        """Return when the API server has answered for a while without a fault; for that, read a ConfigMap.

        A write makes CoreDNS reload, and one that reloads while the API server is away answers SERVFAIL for
        the cluster's own names until it is back.
        """
        end = monotonic() + PATIENCE
        while calm_seconds() < CALM:
            if monotonic() > end:
                raise ClusterError(
                    f"the API server of the kube-context {self.context!r} does not answer steadily; nothing "
                    f"was written to the ConfigMap {self.namespace}/{name}",
                    "a CoreDNS that reloads while it is away does not know the cluster's own names",
                    "run this again when it answers steadily",
                )
            sleep(1)
            self.get(name)

    def restore(self, edit: Change, version: str) -> bool:
        """Write what was there before `edit`, unless somebody has written since; tell whether it is back.

        `version` is the `resourceVersion` that the edit has made.
        """
        earlier = {key: edit.before[key] or None for key in edit.data}
        back = self._ask(partial(self._patch, edit.config_map, version, earlier), _CONFLICT, _NOT_FOUND)
        return back is not None

    def _patch(self, name: str, version: str, data: Mapping[str, str | None]) -> ConfigMap:
        patch = {"metadata": {"resourceVersion": version}, "data": dict(data)}
        return self._client.patch(ConfigMap, name, patch, namespace=self.namespace)

    def _write(self, edit: Change) -> ConfigMap:
        if edit.version:
            return self._patch(edit.config_map, edit.version, edit.data)
        labels = {"app.kubernetes.io/managed-by": FIELD_MANAGER}
        metadata = ObjectMeta(name=edit.config_map, namespace=self.namespace, labels=labels)
        data = {key: text for key, text in edit.data.items() if text is not None}
        return self._client.create(ConfigMap(metadata=metadata, data=data))

    def _ask(self, request: Callable[[], Answer], *expected: int) -> Answer | None:
        """Return what the cluster answers; None where that is one of the `expected` errors."""
        try:
            return _in_turn(request)
        except ApiError as error:
            if error.status.code in expected:
                return None
            raise explain(error, self.context) from None
        except CLIENT_ERRORS as error:
            raise explain(error, self.context) from None


def _in_turn(request: Callable[[], Answer], patience: float = PATIENCE) -> Answer:
    def once() -> Answer:
        with ONE_REQUEST_AT_A_TIME:
            return request()

    return patiently(once, patience)


def version_of(live: ConfigMap | None) -> str:
    """Return the `resourceVersion` that `live` was read at; "" if it is not there."""
    return (live.metadata.resourceVersion if live and live.metadata else None) or ""


def name_of(live: ConfigMap) -> str:
    """Return its name."""
    return (live.metadata.name if live.metadata else None) or ""


def data_of(live: ConfigMap | None) -> dict[str, str]:
    """Return its texts by key; none if it is not there."""
    return (live.data if live else None) or {}
