"""What the cluster has before anything is declared: read once in each run, and never written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.cluster import Reader

MARK = "protobox-cd/stack"
"""The annotation on what a stack has declared. Its value is the stack's name."""

RELEASE = "argocd"
"""The name of Argo CD's Helm release. The chart names its workloads after it (`argocd-server`,
`argocd-repo-server`) only if it contains `argocd`."""

HELM_RELEASE = "meta.helm.sh/release-name"
"""The annotation that Helm puts on what it installs."""

_PART_OF_ARGO_CD = "app.kubernetes.io/part-of=argocd"
_CONTROLLER = "app.kubernetes.io/component=application-controller"


@dataclass(frozen=True)
class LiveObject:
    """The metadata of one object."""

    name: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()

    @property
    def stack(self) -> str:
        """The stack that declares it, "" if none of this program does."""
        return self.annotations.get(MARK, "")


@dataclass(frozen=True)
class Live:
    """The cluster, as far as this program has to know it beforehand."""

    version: str
    """Kubernetes' version, `v1.32.4`."""
    namespace: LiveObject | None = None
    """Argo CD's namespace."""
    releases: frozenset[str] = frozenset()
    """The Helm releases in it."""
    workloads: Mapping[str, str] = field(default_factory=dict)
    """Argo CD's Deployments and StatefulSets in it → the Helm release that each belongs to, "" for none."""
    controller_runs: bool = False
    """Whether an application-controller is there to carry out what finalizers ask for."""
    applications: Mapping[str, LiveObject] = field(default_factory=dict)
    """The Applications in it, by name."""
    nodes: tuple[Mapping[str, Any], ...] = ()
    """The cluster's Node objects; read only when they are asked for."""


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
        version = str(reader.get("/version").get("gitVersion", ""))
        found = reader.get(f"/api/v1/namespaces/{namespace}")
        seen = tuple(_items(reader.get("/api/v1/nodes"))) if nodes else ()
        if found is None:
            return Live(version, nodes=seen)
        secrets = f"/api/v1/namespaces/{namespace}/secrets"
        releases = reader.get(secrets, metadata_only=True, labelSelector="owner=helm")
        return Live(
            version,
            _object(found),
            frozenset(item["metadata"]["labels"]["name"] for item in _items(releases)),
            _workloads(reader, namespace),
            _controller_runs(reader, namespace),
            {found.name: found for found in _applications(reader, namespace)},
            seen,
        )


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
        return [found for found in _applications(reader, namespace) if found.finalizers]


def _applications(reader: Reader, namespace: str) -> Iterator[LiveObject]:
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications"
    for item in _items(reader.get(path, metadata_only=True)):
        yield _object(item)


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


def _object(item: Mapping[str, Any]) -> LiveObject:
    metadata = item["metadata"]
    return LiveObject(
        metadata["name"], metadata.get("annotations") or {}, tuple(metadata.get("finalizers") or ())
    )
