"""What the cluster has before anything is declared: read once in each run, and never written."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from components.cluster.api import ClusterError, Reader

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

RELEASE = "argocd"
"""The name of Argo CD's Helm release. The chart names its workloads after it (`argocd-server`,
`argocd-repo-server`) only if it contains `argocd`."""

HELM_RELEASE = "meta.helm.sh/release-name"
"""The annotation that Helm puts on what it installs."""

NO_CONTROLLER = "no application-controller runs"
"""Why an Argo CD is idle that is not there, or is scaled down."""

OF_HELM = "owner=helm"
"""The label of the Secrets that are Helm's records."""

APPLICATION_SET: Final = "ApplicationSet"

_PART_OF_ARGO_CD = "app.kubernetes.io/part-of=argocd"
_CONTROLLER = "app.kubernetes.io/component=application-controller"
_HELM_NAMESPACE = "meta.helm.sh/release-namespace"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_AT_LEAST_EVERY = timedelta(minutes=10)
_A_MOMENT = 10.0
_NAMESPACES = "/api/v1/namespaces"
_PATHS = {
    "Application": "/apis/argoproj.io/v1alpha1/namespaces/{}/applications",
    APPLICATION_SET: "/apis/argoproj.io/v1alpha1/namespaces/{}/applicationsets",
    "AppProject": "/apis/argoproj.io/v1alpha1/namespaces/{}/appprojects",
    "Secret": "/api/v1/namespaces/{}/secrets",
}
"""The kinds of what a stack declares in Argo CD's namespace, and where the API has them."""


@dataclass(frozen=True)
class LiveObject:
    """The metadata of one object."""

    name: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
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


@dataclass(frozen=True)
class HelmRelease:
    """The last record that Helm has of a release: a Secret for each of its revisions."""

    status: str = "deployed"
    revision: int = 1
    since: float = 0.0
    """When it was written, by the API server's clock, in seconds since 1970."""
    writer: str = ""
    """Who has written it last, as `metadata.managedFields` tells it."""


@dataclass(frozen=True)
class Live:
    """The cluster, as far as this program has to know it beforehand."""

    version: str
    """Kubernetes' version, `v1.32.4`."""
    namespace: LiveObject | None = None
    """Argo CD's namespace."""
    releases: Mapping[str, HelmRelease] = field(default_factory=dict)
    """The Helm releases in it, by name."""
    workloads: Mapping[str, str] = field(default_factory=dict)
    """Argo CD's Deployments and StatefulSets in it → the Helm release that each belongs to, "" for none."""
    idle: str = ""
    """Why nobody would carry out what finalizers ask for; "" if Argo CD works, or nothing asks it to."""
    objects: tuple[LiveObject, ...] = ()
    """The Applications, AppProjects and Secrets in it."""
    not_served: frozenset[str] = frozenset()
    """The kinds of which the API server knows nothing, at least not yet."""
    nodes: tuple[Mapping[str, Any], ...] = ()
    """The cluster's Node objects; read only when they are asked for."""
    clock: float = 0.0
    """The API server's clock, in seconds since 1970."""
    crds_of: tuple[str, str] | None = None
    """Namespace and name of the Helm release that has installed Argo CD's CRDs; None if it is not known."""

    def find(self, kind: str, name: str) -> LiveObject | None:
        """Return an object that is there, the namespace among them."""
        return self._by_name.get((kind, name))

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], LiveObject]:
        there = (*self.objects, *([self.namespace] if self.namespace else []))
        return {(one.kind, one.name): one for one in there}


def look(context: str, namespace: str, *, nodes: bool = False, sets: bool = False) -> Live:
    """Return what the cluster of the kube-context `context` has.

    Args:
        context: the kube-context.
        namespace: Argo CD's namespace.
        nodes: whether the nodes matter.
        sets: whether ApplicationSets do, which a stack without any needs no right to read.

    Raises:
        ClusterError: the context does not exist, or its API server does not answer or forbids it.
    """
    with Reader(context) as reader:
        version = str((reader.get("/version") or {}).get("gitVersion", ""))
        found = reader.get(f"{_NAMESPACES}/{namespace}")
        seen = tuple(_items(reader.get("/api/v1/nodes"))) if nodes else ()
        crds_of = _crds_of(reader)
        if found is None:
            return Live(version, nodes=seen, clock=reader.clock, crds_of=crds_of)
        lists = {
            kind: reader.get(path.format(namespace), metadata_only=True)
            for kind, path in _PATHS.items()
            if sets or kind != APPLICATION_SET
        }
        objects = tuple(_object(item, kind) for kind, answer in lists.items() for item in _items(answer))
        waits = any(one.kind == "Application" and one.finalizers and one.stack for one in objects)
        return Live(
            version,
            _object(found, "Namespace"),
            helm_releases(reader, namespace),
            _installers(reader, namespace),
            idle_now(reader, namespace) if waits else "",
            objects,
            frozenset(kind for kind, answer in lists.items() if answer is None),
            seen,
            reader.clock,
            crds_of,
        )


def argocd_namespaces(context: str) -> list[str]:
    """Return the namespaces in which workloads of an Argo CD are.

    Raises:
        ClusterError: as `look`.
    """
    with Reader(context) as reader:
        return sorted({item["metadata"]["namespace"] for item in workloads(reader, metadata_only=True)})


def workloads(
    reader: Reader, namespace: str = "", *, metadata_only: bool = False
) -> Iterator[Mapping[str, Any]]:
    """Yield Argo CD's Deployments and StatefulSets, of all namespaces where none is named.

    Raises:
        ClusterError: as `look`.
    """
    place = f"namespaces/{namespace}/" if namespace else ""
    for kind in ("deployments", "statefulsets"):
        path = f"/apis/apps/v1/{place}{kind}"
        yield from _items(reader.get(path, metadata_only=metadata_only, labelSelector=_PART_OF_ARGO_CD))


def helm_releases(reader: Reader, namespace: str) -> dict[str, HelmRelease]:
    """Return the Helm releases in a namespace, by name.

    Raises:
        ClusterError: as `look`.
    """
    return last_records(reader.get(list_path("Secret", namespace), metadata_only=True, labelSelector=OF_HELM))


def last_records(secrets: Any) -> dict[str, HelmRelease]:
    """Return the Helm releases of a list of Helm's Secrets, by name."""
    releases: dict[str, HelmRelease] = {}
    for item in _items(secrets):
        labels, made = item["metadata"]["labels"], item["metadata"]["creationTimestamp"]
        fields = sorted(item["metadata"].get("managedFields") or [], key=lambda one: str(one.get("time")))
        last = fields[-1] if fields else {}
        # Not the label `modifiedAt`, which tells the clock of the machine on which that Helm was at work.
        since = datetime.fromisoformat(last.get("time") or made).timestamp()
        found = HelmRelease(labels["status"], int(labels["version"]), since, str(last.get("manager", "")))
        releases[labels["name"]] = max(
            found, releases.get(labels["name"], found), key=lambda one: one.revision
        )
    return releases


def idle(context: str, namespace: str) -> str:
    """Return why nobody would carry out what finalizers ask for; "" if Argo CD works.

    A new Application may be waited for a moment: Argo CD looks at it within seconds.

    Raises:
        ClusterError: as `look`.
    """
    with Reader(context) as reader:
        end = time.monotonic() + _A_MOMENT
        while (found := idle_now(reader, namespace)) and time.monotonic() < end:
            time.sleep(1)
    return found


def waiting_applications(context: str, namespace: str) -> list[LiveObject]:
    """Return the Applications that cannot go before Argo CD has carried out their finalizers.

    Raises:
        ClusterError: as `look`.
    """
    with Reader(context) as reader:
        found = list(_objects(reader, namespace, "Application"))
    return [one for one in found if one.finalizers and not one.adopted]


def list_path(kind: str, namespace: str) -> str:
    """Return the path in the API of the list of a kind's objects in a namespace."""
    return _PATHS[kind].format(namespace)


def path_of(kind: str, namespace: str, name: str) -> str:
    """Return the path in the API of an object of Argo CD's namespace, or of that namespace."""
    return f"{_NAMESPACES}/{name}" if kind == "Namespace" else f"{list_path(kind, namespace)}/{name}"


def applications(reader: Reader, namespace: str) -> Sequence[Mapping[str, Any]]:
    """Return the Applications of a namespace, whole.

    Raises:
        ClusterError: as `look`.
    """
    return _items(reader.get(list_path("Application", namespace)))


def marked(cluster: Reader, namespace: str, mark: Mark) -> list[str]:
    """Return the paths in the API of all objects that have the stack's mark.

    Raises:
        ClusterError: as `look`.
    """
    there = cluster.get(f"{_NAMESPACES}/{namespace}")
    found = [_object(there, "Namespace")] if there else []
    for kind in _PATHS:
        try:
            found += _objects(cluster, namespace, kind)
        except ClusterError as error:
            if not (error.forbidden and kind == APPLICATION_SET):  # then the stack has made none
                raise
    return [path_of(one.kind, namespace, one.name) for one in found if mark.is_on(one)]


def take_marks_off(cluster: Reader, path: str, mark: Mark) -> None:
    """Take the marks of the stack off an object, and nothing else; what is not the stack's is left alone.

    Args:
        cluster: where it is.
        path: its path in the API.
        mark: the stack's mark.

    Raises:
        ClusterError: as `look`; or somebody else writes at the same moment.
    """
    found = cluster.get(path)
    if found and mark.is_on(_object(found)):
        marks = [key for key in found["metadata"]["annotations"] if key.startswith(OURS)]
        # The version makes sure that nothing is taken off what has become another stack's meanwhile.
        version = found["metadata"]["resourceVersion"]
        cluster.merge(path, {"metadata": {"resourceVersion": version, "annotations": dict.fromkeys(marks)}})


def _objects(reader: Reader, namespace: str, kind: str) -> Iterator[LiveObject]:
    for item in _items(reader.get(list_path(kind, namespace), metadata_only=True)):
        yield _object(item, kind)


def _crds_of(reader: Reader) -> tuple[str, str] | None:
    try:
        crds = reader.get(_CRDS, metadata_only=True, fieldSelector="metadata.name=applications.argoproj.io")
    except ClusterError as error:
        if error.forbidden:
            return None  # Helm tells it too, only later
        raise
    for crd in map(_object, _items(crds)):
        if owner := crd.annotations.get(HELM_RELEASE):
            return crd.annotations.get(_HELM_NAMESPACE, ""), owner
    return None


def _installers(reader: Reader, namespace: str) -> dict[str, str]:
    """Return workload of Argo CD → the Helm release that it is of."""
    found = (_object(item) for item in workloads(reader, namespace, metadata_only=True))
    return {one.name: one.annotations.get(HELM_RELEASE, "") for one in found}


def idle_now(reader: Reader, namespace: str) -> str:
    """Return the same as `idle` without waiting; an Argo CD that has just started may not have looked yet.

    Raises:
        ClusterError: as `look`.
    """
    path = f"/apis/apps/v1/namespaces/{namespace}"
    runs = any(
        item.get("status", {}).get("readyReplicas", 0) > 0
        for kind in ("statefulsets", "deployments")  # with dynamic cluster distribution it is a Deployment
        for item in _items(reader.get(f"{path}/{kind}", labelSelector=_CONTROLLER))
    )
    if not runs:
        return NO_CONTROLLER
    # Its pods may run and do nothing. What it works on, it looks at anew every three minutes by default.
    there = applications(reader, namespace)
    last = max((str((one.get("status") or {}).get("reconciledAt") or "") for one in there), default="")
    if not last:
        return "the application-controller has never looked at any Application, although its pods run"
    age = datetime.fromtimestamp(reader.clock, UTC) - datetime.fromisoformat(last)
    if age < _AT_LEAST_EVERY:
        return ""
    minutes = age.total_seconds() / 60
    return (
        f"the application-controller has not looked at any Application for {minutes:.0f} minutes, although "
        "its pods run"
    )


def _items(answer: Any) -> list[dict[str, Any]]:
    return list((answer or {}).get("items") or [])


def _object(item: Mapping[str, Any], kind: str = "") -> LiveObject:
    metadata = item["metadata"]
    return LiveObject(
        metadata["name"],
        metadata.get("annotations") or {},
        tuple(metadata.get("finalizers") or ()),
        kind,
        metadata.get("uid", ""),
        "deletionTimestamp" in metadata,
        metadata.get("labels") or {},
    )
