"""One DNS layer of the cluster: a ConfigMap with Corefiles, read and edited with great care.

Every write is a replacement of the text under the `resourceVersion` that was read, so that nobody's
concurrent edit is lost; the ConfigMap and its keys are never created, deleted or emptied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep

from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import ConfigMap

from components.cluster import CLIENT_ERRORS, ClusterError, connect, explain
from components.dns.corefile import CorefileError, cut
from components.dns.zones import ForwardedZone, Plan, plan_zones

COREFILE_KEYS = ("Corefile", "Corefile-second")
"""The keys that Kubespray mounts; `Corefile-second` is its secondary node-local cache. kubeadm's
`Corefile-backup` is nobody's to edit."""

Owned = Mapping[str, Collection[str]]
"""ConfigMap key → our server blocks in that Corefile, such as `protobox:53`."""

_CONFLICT, _NOT_FOUND = 409, 404
_ATTEMPTS = 8


@dataclass(frozen=True)
class Layer:
    """Where a DNS layer's Corefiles are, and for which stack they are edited."""

    context: str
    namespace: str
    name: str
    stack: str

    def __str__(self) -> str:
        return f"ConfigMap {self.namespace}/{self.name}"


@dataclass(frozen=True)
class Change:
    """What an edit did, or would do, to each Corefile of a layer."""

    before: dict[str, str]
    """Key → text as it was read."""
    after: dict[str, str] = field(default_factory=dict)
    """Key → text to write; equal to `before` where there is nothing to do."""
    owned: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → our server blocks in it, such as `protobox:53`."""
    left: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → server blocks of somebody else that do the same, and were left to them."""
    version: str = ""
    """The `resourceVersion` that `before` was read from."""

    @property
    def pending(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after


def preview(layer: Layer, zones: Sequence[ForwardedZone], owned: Owned) -> Change | None:
    """Return what `apply` would do now; None when the ConfigMap does not exist.

    Raises:
        ClusterError: the cluster does not answer, or the edit would be unsafe.
    """
    return _plan(layer, _read(layer, connect(layer.context)), zones, owned)


def apply(layer: Layer, zones: Sequence[ForwardedZone], owned: Owned) -> Change | None:
    """Bring the live Corefiles to forward `zones`; None when the ConfigMap does not exist.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """
    return _write(layer, lambda live: _plan(layer, live, zones, owned))


def remove(layer: Layer, owned: Owned) -> Change | None:
    """Take the blocks in `owned` out of the live Corefiles, and nothing else.

    Raises:
        ClusterError: nothing was written, for the reason that the text gives.
    """

    def planned(live: ConfigMap | None) -> Change | None:
        if live is None:
            return None
        before = _corefiles(layer, live)
        after: dict[str, str] = {}
        for key, text in before.items():
            with _telling(layer, key):
                after[key] = cut(text, owned.get(key, ()))
        return Change(before, after, version=_version(live))

    return _write(layer, planned)


def _plan(
    layer: Layer, live: ConfigMap | None, zones: Sequence[ForwardedZone], owned: Owned
) -> Change | None:
    if live is None:
        return None
    before = _corefiles(layer, live)
    plans: dict[str, Plan] = {}
    for key, text in before.items():
        with _telling(layer, key):
            plans[key] = plan_zones(text, zones, owned.get(key, ()), layer.stack)
    return Change(
        before,
        {key: plan.text for key, plan in plans.items()},
        {key: plan.owned for key, plan in plans.items() if plan.owned},
        {key: plan.left for key, plan in plans.items() if plan.left},
        _version(live),
    )


def _write(layer: Layer, planned: Callable[[ConfigMap | None], Change | None]) -> Change | None:
    """Read, plan and write until no other writer came between, a bounded number of times."""
    client = connect(layer.context)
    for attempt in range(_ATTEMPTS):
        change = planned(_read(layer, client))
        if change is None or not change.pending:
            return change
        data = {key: text for key, text in change.after.items() if text != change.before[key]}
        patch = {"metadata": {"resourceVersion": change.version}, "data": data}
        try:
            client.patch(ConfigMap, layer.name, patch, namespace=layer.namespace)
        except ApiError as error:
            if error.status.code != _CONFLICT:
                raise explain(error, layer.context) from None
            sleep(0.1 * 2**attempt)
        except CLIENT_ERRORS as error:
            raise explain(error, layer.context) from None
        else:
            return change
    raise ClusterError(
        f"{layer} was changed by somebody else at each of {_ATTEMPTS} attempts; nothing was written",
        "writing over a change that was not read would lose it",
        "find out who writes it (its metadata.managedFields tells), stop that, and run pulumi up again",
    )


def _read(layer: Layer, client: Client) -> ConfigMap | None:
    try:
        return client.get(ConfigMap, layer.name, namespace=layer.namespace)
    except ApiError as error:
        if error.status.code == _NOT_FOUND:
            return None
        raise explain(error, layer.context) from None
    except CLIENT_ERRORS as error:
        raise explain(error, layer.context) from None


def _corefiles(layer: Layer, live: ConfigMap) -> dict[str, str]:
    data = live.data or {}
    texts = {key: data[key] for key in COREFILE_KEYS if key in data}
    if not texts.get("Corefile", "").strip():
        raise ClusterError(
            f"{layer} has no text under its key Corefile",
            "there is nothing to add a zone to, and a Corefile from nothing would replace the cluster's DNS",
            "restore the Corefile first, then run pulumi up again",
        )
    return texts


@contextmanager
def _telling(layer: Layer, key: str) -> Iterator[None]:
    """Tell a Corefile that cannot be edited with its place."""
    try:
        yield
    except CorefileError as error:
        raise ClusterError(
            f"{layer}, key {key}: {error}; nothing was written",
            "an edit that is not certain could take down the cluster's DNS at the next start of a pod",
            f"mend the Corefile (kubectl -n {layer.namespace} edit configmap {layer.name}), or leave the "
            "cluster's DNS alone with protobox-cd:dns.strategy: hostAliases",
        ) from None


def _version(live: ConfigMap) -> str:
    return (live.metadata.resourceVersion if live.metadata else None) or ""
