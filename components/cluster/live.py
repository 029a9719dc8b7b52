"""What the cluster has before anything is declared: read once in each run, and never written.

Also whether Argo CD's controller works on Applications: it may be scaled down, hang, or be played by a lab.

What asks the cluster raises ClusterError where the API server does not answer, or forbids it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from components.cluster.api import Reader, get_if_allowed
from components.cluster.helm_records import HelmRelease, helm_releases
from components.cluster.objects import (
    APPLICATION_SET,
    NAMESPACES,
    PATHS,
    LiveObject,
    applications,
    items,
    live_object,
    path_of,
)

_HELM_RELEASE, _HELM_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
"""The annotations that Helm puts on what it installs."""

_PART_OF_ARGO_CD = "app.kubernetes.io/part-of=argocd"
NO_CONTROLLER = "no application-controller runs"
"""Why an Argo CD is idle that is not there, or is scaled down."""
PLAYED = "no kubelet has started the pods of its application-controller, as in a lab"
_CONTROLLER = "app.kubernetes.io/component=application-controller"
_AT_LEAST_EVERY = timedelta(minutes=10)
_A_MOMENT = 10.0
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
    elsewhere: Mapping[tuple[str, str], LiveObject] = field(default_factory=dict)
    """Namespace and name of Applications in other namespaces that are there → what they are."""

    def find(self, kind: str, name: str) -> LiveObject | None:
        """Return an object that is there, the namespace among them."""
        return self._by_name.get((kind, name))

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], LiveObject]:
        there = (*self.objects, *([self.namespace] if self.namespace else []))
        return {(each.kind, each.name): each for each in there}


def read_cluster(
    context: str,
    namespace: str,
    *,
    nodes: bool = False,
    sets: bool = False,
    elsewhere: Collection[tuple[str, str]] = (),
) -> Live:
    """Return what the cluster of the kube-context `context` has; `namespace` is Argo CD's.

    Nodes, ApplicationSets and Applications `elsewhere` (namespace and name) are read only where they matter:
    a stack without any needs no right to.
    """
    with Reader(context) as reader:
        version = str((reader.get("/version") or {}).get("gitVersion", ""))
        found = reader.get(f"{NAMESPACES}/{namespace}")
        seen = tuple(items(reader.get("/api/v1/nodes"))) if nodes else ()
        crds_of = _crds_of(reader)
        asked = {place: reader.get(path_of("Application", *place)) for place in elsewhere}
        there = {place: live_object(item) for place, item in asked.items() if item}
        if found is None:
            return Live(version, nodes=seen, clock=reader.clock, crds_of=crds_of, elsewhere=there)
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
            there,
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
    # Where nobody may look, Helm tells it too, only later.
    crds = get_if_allowed(
        reader, _CRDS, metadata_only=True, fieldSelector="metadata.name=applications.argoproj.io"
    )
    for crd in map(live_object, items(crds)):
        if owner := crd.annotations.get(_HELM_RELEASE):
            return crd.annotations.get(_HELM_NAMESPACE, ""), owner
    return None


def idle(context: str, namespace: str) -> str:
    """Return why nobody would carry out what finalizers ask for; "" if Argo CD works.

    A new Application may be waited for a moment: Argo CD looks at it within seconds.
    """
    with Reader(context) as reader:
        end = time.monotonic() + _A_MOMENT
        while (found := idle_now(reader, namespace)) and time.monotonic() < end:
            time.sleep(1)
    return found


def idle_now(reader: Reader, namespace: str) -> str:
    """Return the same as `idle` without waiting; an Argo CD that has just started may not have looked yet."""
    path = f"/apis/apps/v1/namespaces/{namespace}"
    runs = any(
        item.get("status", {}).get("readyReplicas", 0) > 0
        for kind in ("statefulsets", "deployments")  # with dynamic cluster distribution it is a Deployment
        for item in items(reader.get(f"{path}/{kind}", labelSelector=_CONTROLLER))
    )
    if not runs:
        return NO_CONTROLLER
    # Its pods may run and do nothing. What it works on, it looks at anew every three minutes by default.
    there = applications(reader, namespace)
    last = max((str((each.get("status") or {}).get("reconciledAt") or "") for each in there), default="")
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


def why_nobody_looks(reader: Reader, namespace: str) -> str:
    """Return why nobody will look at any Application; "" if somebody does, or may be about to.

    A controller whose containers run may need minutes at first, to read a large cluster. So only that is
    taken for certain of which there is none, or which never runs: a pod without the ID of a container is one
    that no kubelet has started.
    """
    found = idle_now(reader, namespace)
    if found and found != NO_CONTROLLER:
        return PLAYED if _is_played(reader, namespace) else ""
    return found


def _is_played(reader: Reader, namespace: str) -> bool:
    path = f"/api/v1/namespaces/{namespace}/pods"
    pods = items(get_if_allowed(reader, path, labelSelector=_CONTROLLER))
    containers = [status for pod in pods for status in pod.get("status", {}).get("containerStatuses") or []]
    return bool(containers) and not any(status.get("containerID") for status in containers)
