"""What the cluster has before anything is declared: read once in each run, and never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from components.cluster import Reader

MARK, IDENTITY = "protobox-cd/stack", "protobox-cd/identity"
"""The annotations on what a stack has declared: the stack's name and its identity."""

RELEASE = "argocd"
"""The name of Argo CD's Helm release. The chart names its workloads after it (`argocd-server`,
`argocd-repo-server`) only if it contains `argocd`."""

HELM_RELEASE = "meta.helm.sh/release-name"
"""The annotation that Helm puts on what it installs."""

OF_HELM = "owner=helm"
"""The label of the Secrets that are Helm's records."""

_PART_OF_ARGO_CD = "app.kubernetes.io/part-of=argocd"
_CONTROLLER = "app.kubernetes.io/component=application-controller"
_PATHS = {
    "Application": "/apis/argoproj.io/v1alpha1/namespaces/{}/applications",
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

    @property
    def stack(self) -> str:
        """The stack that declares it, "" if none of this program does."""
        return self.annotations.get(MARK, "")

    @property
    def identity(self) -> str:
        """The identity of that stack, "" if an earlier version has made it."""
        return self.annotations.get(IDENTITY, "")


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
    """When it was written, in seconds since 1970."""


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
    controller_runs: bool = False
    """Whether an application-controller is there to carry out what finalizers ask for."""
    objects: tuple[LiveObject, ...] = ()
    """The Applications, AppProjects and Secrets in it."""
    not_served: frozenset[str] = frozenset()
    """The kinds of which the API server knows nothing, at least not yet."""
    nodes: tuple[Mapping[str, Any], ...] = ()
    """The cluster's Node objects; read only when they are asked for."""

    def find(self, kind: str, name: str) -> LiveObject | None:
        """Return an object that is there, the namespace among them."""
        there = (*self.objects, *([self.namespace] if self.namespace else []))
        return next((one for one in there if (one.kind, one.name) == (kind, name)), None)


def look(context: str, namespace: str, *, nodes: bool = False) -> Live:
    """Return what the cluster of the kube-context `context` has.

    Args:
        context: the kube-context.
        namespace: Argo CD's namespace.
        nodes: whether the nodes matter.

    Raises:
        ClusterError: the context does not exist, or its API server does not answer or forbids it.
    """
    with Reader(context) as reader:
        version = str((reader.get("/version") or {}).get("gitVersion", ""))
        found = reader.get(f"/api/v1/namespaces/{namespace}")
        seen = tuple(_items(reader.get("/api/v1/nodes"))) if nodes else ()
        if found is None:
            return Live(version, nodes=seen)
        lists = {
            kind: reader.get(path.format(namespace), metadata_only=True) for kind, path in _PATHS.items()
        }
        return Live(
            version,
            _object(found, "Namespace"),
            helm_releases(reader, namespace),
            _workloads(reader, namespace),
            _controller_runs(reader, namespace),
            tuple(_object(item, kind) for kind, answer in lists.items() for item in _items(answer)),
            frozenset(kind for kind, answer in lists.items() if answer is None),
            seen,
        )


def helm_releases(reader: Reader, namespace: str) -> dict[str, HelmRelease]:
    """Return the Helm releases in a namespace, by name.

    Raises:
        ClusterError: as `look`.
    """
    return last_records(
        reader.get(_PATHS["Secret"].format(namespace), metadata_only=True, labelSelector=OF_HELM)
    )


def last_records(secrets: Any) -> dict[str, HelmRelease]:
    """Return the Helm releases of a list of Helm's Secrets, by name."""
    releases: dict[str, HelmRelease] = {}
    for item in _items(secrets):
        labels, made = item["metadata"]["labels"], item["metadata"]["creationTimestamp"]
        written = labels.get("modifiedAt") or datetime.fromisoformat(made).timestamp()
        found = HelmRelease(labels["status"], int(labels["version"]), float(written))
        releases[labels["name"]] = max(
            found, releases.get(labels["name"], found), key=lambda one: one.revision
        )
    return releases


def controller_runs(context: str, namespace: str) -> bool:
    """Tell whether an application-controller is there to carry out what finalizers ask for.

    Raises:
        ClusterError: as `look`.
    """
    with Reader(context) as reader:
        return _controller_runs(reader, namespace)


def waiting_applications(context: str, namespace: str) -> list[LiveObject]:
    """Return the Applications that cannot go before Argo CD has carried out their finalizers.

    Raises:
        ClusterError: as `look`.
    """
    with Reader(context) as reader:
        answer = reader.get(_PATHS["Application"].format(namespace), metadata_only=True)
    there = [_object(item, "Application") for item in _items(answer)]
    return [found for found in there if found.finalizers]


def _workloads(reader: Reader, namespace: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in ("deployments", "statefulsets"):
        path = f"/apis/apps/v1/namespaces/{namespace}/{kind}"
        for item in _items(reader.get(path, metadata_only=True, labelSelector=_PART_OF_ARGO_CD)):
            found[item["metadata"]["name"]] = _object(item).annotations.get(HELM_RELEASE, "")
    return found


def _controller_runs(reader: Reader, namespace: str) -> bool:
    path = f"/apis/apps/v1/namespaces/{namespace}"
    return any(
        item.get("status", {}).get("readyReplicas", 0) > 0
        for kind in ("statefulsets", "deployments")  # with dynamic cluster distribution it is a Deployment
        for item in _items(reader.get(f"{path}/{kind}", labelSelector=_CONTROLLER))
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
    )
