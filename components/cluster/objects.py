"""The objects that a stack makes in the cluster: where the API has them, and the mark that each bears.

What asks the cluster raises ClusterError where the API server does not answer, or forbids it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from components.cluster.api import Reader
from components.cluster.errors import ClusterError

MARK, IDENTITY = "protobox-cd/stack", "protobox-cd/identity"
"""The annotations on what a stack has declared: the stack's name and its identity."""

ADOPTED = "protobox-cd/adopted"
"""The annotation on what a stack has only taken over, and therefore leaves behind."""

ADOPTED_RELEASE = "protobox-cd/adopted-release"
"""The same for the Helm release, on its namespace: Helm's own object is another one after each upgrade."""

FORCE = "pulumi.com/patchForce"
"""An annotation with which the Kubernetes plugin takes a field over from whom has set it last.

Without it the dry run of a preview ends in a conflict with `kubectl-client-side-apply`, and no `up` begins.
It stands on what is imported, and stays there: to take it away would be one more change.
"""

OURS = ("protobox-cd/", FORCE)
"""How the annotations of this program begin."""

APPLICATION_SET: Final = "ApplicationSet"
NAMESPACES = "/api/v1/namespaces"
PATHS = {
    "Application": "/apis/argoproj.io/v1alpha1/namespaces/{}/applications",
    APPLICATION_SET: "/apis/argoproj.io/v1alpha1/namespaces/{}/applicationsets",
    "AppProject": "/apis/argoproj.io/v1alpha1/namespaces/{}/appprojects",
    "Secret": "/api/v1/namespaces/{}/secrets",
}
"""The kinds of what a stack declares in Argo CD's namespace, and where the API has them."""

_OF_KUBERNETES = {"foregroundDeletion", "orphan"}
"""Finalizers that the garbage collector takes off by itself; Pulumi's deletions set the first one."""


@dataclass(frozen=True)
class LiveObject:
    """The metadata of one object."""

    name: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    """But for those of Kubernetes itself."""
    kind: str = "Application"
    uid: str = ""
    deleting: bool = False
    """Whether it is on its way out."""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """The stack that declares it, "" if none of this program does."""
        return self.annotations.get(MARK, "")

    @property
    def identity(self) -> str:
        """The identity of that stack, "" if an earlier version has made it."""
        return self.annotations.get(IDENTITY, "")

    @property
    def adopted(self) -> bool:
        """Whether it was there before the stack; versions without an identity have left only `FORCE`."""
        return ADOPTED in self.annotations or (FORCE in self.annotations and not self.identity)


@dataclass(frozen=True)
class Mark:
    """What a stack writes on everything that it makes."""

    stack: str = ""
    identity: str = ""

    @property
    def annotations(self) -> dict[str, str]:
        """The mark as it stands on an object."""
        return {MARK: self.stack, IDENTITY: self.identity}

    def is_on(self, found: LiveObject) -> bool:
        """Tell whether it is this very stack's. What has no identity, an earlier version has made."""
        return bool(found.stack) and found.stack == self.stack and found.identity in {"", self.identity}


def list_path(kind: str, namespace: str) -> str:
    """Return the path in the API of the list of a kind's objects in a namespace."""
    return PATHS[kind].format(namespace)


def path_of(kind: str, namespace: str, name: str) -> str:
    """Return the path in the API of an object of Argo CD's namespace, or of that namespace."""
    return f"{NAMESPACES}/{name}" if kind == "Namespace" else f"{list_path(kind, namespace)}/{name}"


def items(answer: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, as the API has answered it; none where there is no such list."""
    return list((answer or {}).get("items") or [])


def live_object(item: Mapping[str, Any], kind: str = "") -> LiveObject:
    """Return an object of the API's."""
    metadata = item["metadata"]
    return LiveObject(
        metadata["name"],
        metadata.get("annotations") or {},
        tuple(name for name in metadata.get("finalizers") or () if name not in _OF_KUBERNETES),
        kind,
        metadata.get("uid", ""),
        "deletionTimestamp" in metadata,
        metadata.get("labels") or {},
    )


def applications(reader: Reader, namespace: str) -> list[dict[str, Any]]:
    """Return the Applications of a namespace, whole."""
    return items(reader.get(list_path("Application", namespace)))


def waiting_applications(context: str, namespace: str) -> list[LiveObject]:
    """Return the Applications that cannot go before Argo CD has carried out their finalizers."""
    with Reader(context) as reader:
        return [
            found
            for found in _objects(reader, namespace, "Application")
            if found.finalizers and not found.adopted
        ]


def marked(cluster: Reader, namespace: str, mark: Mark) -> list[str]:
    """Return the paths in the API of all objects that have the stack's mark."""
    there = cluster.get(f"{NAMESPACES}/{namespace}")
    found = [live_object(there, "Namespace")] if there else []
    for kind in PATHS:
        try:
            found += _objects(cluster, namespace, kind)
        except ClusterError as error:
            if not (error.forbidden and kind == APPLICATION_SET):  # then the stack has made none
                raise
    return [path_of(each.kind, namespace, each.name) for each in found if mark.is_on(each)]


def take_marks_off(cluster: Reader, path: str, mark: Mark) -> None:
    """Take the marks of the stack off an object, and nothing else; what is not the stack's is left alone.

    Raises:
        ClusterError: the API server does not answer, or forbids it; or somebody else writes at the same
            moment.
    """
    found = cluster.get(path)
    if found and mark.is_on(live_object(found)):
        marks = [key for key in found["metadata"]["annotations"] if key.startswith(OURS)]
        # The version makes sure that nothing is taken off what has become another stack's meanwhile.
        version = found["metadata"]["resourceVersion"]
        cluster.merge(path, {"metadata": {"resourceVersion": version, "annotations": dict.fromkeys(marks)}})


def _objects(reader: Reader, namespace: str, kind: str) -> Iterator[LiveObject]:
    for item in items(reader.get(list_path(kind, namespace), metadata_only=True)):
        yield live_object(item, kind)
