"""What the cluster has before anything is declared: read once in each run, and never written.

What asks the cluster raises ClusterError where the API server does not answer, or forbids it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from components.cluster.api import Reader
from components.cluster.controller import idle_now
from components.cluster.errors import ClusterError
from components.cluster.helm_records import HelmRelease, helm_releases
from components.cluster.objects import APPLICATION_SET, NAMESPACES, PATHS, LiveObject, items, live_object

_HELM_RELEASE, _HELM_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
"""The annotations that Helm puts on what it installs."""

_PART_OF_ARGO_CD = "app.kubernetes.io/part-of=argocd"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


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
        return {(each.kind, each.name): each for each in there}


def read_cluster(context: str, namespace: str, *, nodes: bool = False, sets: bool = False) -> Live:
    """Return what the cluster of the kube-context `context` has.

    Args:
        context: the kube-context.
        namespace: Argo CD's namespace.
        nodes: whether the nodes matter.
        sets: whether ApplicationSets do, which a stack without any needs no right to read.
    """
    with Reader(context) as reader:
        version = str((reader.get("/version") or {}).get("gitVersion", ""))
        found = reader.get(f"{NAMESPACES}/{namespace}")
        seen = tuple(items(reader.get("/api/v1/nodes"))) if nodes else ()
        crds_of = _crds_of(reader)
        if found is None:
            return Live(version, nodes=seen, clock=reader.clock, crds_of=crds_of)
        lists = {
            kind: reader.get(path.format(namespace), metadata_only=True)
            for kind, path in PATHS.items()
            if sets or kind != APPLICATION_SET
        }
        objects = tuple(live_object(item, kind) for kind, answer in lists.items() for item in items(answer))
        waits = any(each.kind == "Application" and each.finalizers and each.stack for each in objects)
        return Live(
            version,
            live_object(found, "Namespace"),
            helm_releases(reader, namespace),
            {
                each.name: each.annotations.get(_HELM_RELEASE, "")
                for each in map(live_object, workloads(reader, namespace, metadata_only=True))
            },
            idle_now(reader, namespace) if waits else "",
            objects,
            frozenset(kind for kind, answer in lists.items() if answer is None),
            seen,
            reader.clock,
            crds_of,
        )


def argocd_namespaces(context: str) -> list[str]:
    """Return the namespaces in which workloads of an Argo CD are."""
    with Reader(context) as reader:
        return sorted({item["metadata"]["namespace"] for item in workloads(reader, metadata_only=True)})


def workloads(
    reader: Reader, namespace: str = "", *, metadata_only: bool = False
) -> Iterator[Mapping[str, Any]]:
    """Yield Argo CD's Deployments and StatefulSets, of all namespaces where none is named."""
    place = f"namespaces/{namespace}/" if namespace else ""
    for kind in ("deployments", "statefulsets"):
        path = f"/apis/apps/v1/{place}{kind}"
        yield from items(reader.get(path, metadata_only=metadata_only, labelSelector=_PART_OF_ARGO_CD))


def _crds_of(reader: Reader) -> tuple[str, str] | None:
    try:
        crds = reader.get(_CRDS, metadata_only=True, fieldSelector="metadata.name=applications.argoproj.io")
    except ClusterError as error:
        if error.forbidden:
            return None  # Helm tells it too, only later
        raise
    for crd in map(live_object, items(crds)):
        if owner := crd.annotations.get(_HELM_RELEASE):
            return crd.annotations.get(_HELM_NAMESPACE, ""), owner
    return None
