"""What `make new` finds in the cluster: an Argo CD, its Helm release, and its Applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.argocd.release import Installed, read_release
from components.cluster.errors import ClusterError
from components.cluster.helm_records import RELEASE
from components.cluster.live import argocd_namespaces
from components.cluster.losses import as_yaml, losses, secrets_in
from components.projects.application import sources
from components.projects.cascade import cascade_of
from components.projects.git import GitSettings
from components.projects.section import CREATE_NAMESPACE, IN_CLUSTER
from components.projects.taking_over import as_written, read_applications
from components.stackfile.urls import repository_host, with_host_name

_USUAL = "argocd"
_OF_A_SOURCE = {"repoURL": "repository", "targetRevision": "revision"}
_SAID_ELSEWHERE = ("project", "source", "sources", "destination", "syncPolicy")


@dataclass(frozen=True)
class Found:
    """An Argo CD that is in the cluster."""

    release: Installed | None = None
    applications: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Its Applications, by name."""
    namespace: str = _USUAL

    @property
    def secrets(self) -> list[str]:
        """The paths of the release's values that look like secrets: they are not written into the file."""
        return list(secrets_in(self.release.values)) if self.release else []

    @property
    def values(self) -> str:
        """The release's other values, as lines of YAML for the stack file; "" for none."""
        kept = losses(self.release.values, {}, self.secrets) if self.release else []
        return as_yaml(kept, {}, 6) if any(not loss.is_secret for loss in kept) else ""

    @property
    def is_there(self) -> bool:
        """Whether there is one."""
        return bool(self.release or self.applications)

    @property
    def hosts(self) -> list[str]:
        """The host of each link to a repository."""
        return [
            repository_host(str(source.get("repoURL")))
            for application in self.applications.values()
            for _, source in sources(application.get("spec") or {})
        ]


def find(context: str) -> Found:
    """Return what is there of an Argo CD; nothing where nobody may look, or can.

    Of several, the one in the namespace `argocd`, or else the first. What is in the way is printed.
    """
    try:
        namespaces = _namespaces(context)
        namespace = _USUAL if _USUAL in namespaces else namespaces[0]
        if others := ", ".join(other for other in namespaces if other != namespace):
            print(f"  there are Argo CDs in other namespaces, too: {others}")
        return Found(read_release(context, namespace), read_applications(context, namespace), namespace)
    except ClusterError as error:
        print(f"  whether an Argo CD is there cannot be seen: {error.what}")
        return Found()


def _namespaces(context: str) -> list[str]:
    """Return the namespaces with an Argo CD; the usual one where there is none, or nobody may list them."""
    try:
        return argocd_namespaces(context) or [_USUAL]
    except ClusterError as error:
        if error.forbidden:
            return [_USUAL]
        raise


def projects_of(applications: Mapping[str, Mapping[str, Any]], git: GitSettings) -> dict[str, dict[str, Any]]:
    """Return the entries of the stack file that declare Applications as they are, by project.

    `git` is the section that the file will have.
    """
    return {name.removeprefix("argo-"): _entry(name, live, git) for name, live in applications.items()}


def _entry(name: str, live: Mapping[str, Any], git: GitSettings) -> dict[str, Any]:
    project, written = name.removeprefix("argo-"), as_written(live)
    spec, metadata = written["spec"], written["metadata"]
    policy, cascade = spec.get("syncPolicy") or {}, cascade_of(live["metadata"].get("finalizers") or ())
    sync = {**policy, "syncOptions": policy.get("syncOptions") or []}
    entry: dict[str, Any] = {
        "application": name if name == project else None,
        "appProject": spec.get("project") if spec.get("project") != "default" else None,
        **_sources(project, spec, git),
        "destination": spec.get("destination") if spec.get("destination") != {"server": IN_CLUSTER} else None,
        "syncPolicy": sync if sync != {"syncOptions": [CREATE_NAMESPACE]} else None,
        "labels": metadata["labels"],
        "annotations": metadata["annotations"],
        "cascade": cascade if cascade != "none" else None,
        "spec": {key: value for key, value in spec.items() if key not in _SAID_ELSEWHERE},
    }
    return {key: value for key, value in entry.items() if value not in (None, {}, [])}


def _sources(project: str, spec: Mapping[str, Any], git: GitSettings) -> dict[str, Any]:
    if spec.get("sources"):
        return {"sources": [_source(source) for source in spec["sources"]]}
    entry = _source(spec.get("source") or {})
    if with_host_name(str(entry.get("repository")), git.hosts) == git.repository(project):
        del entry["repository"]
    same = {"revision": git.revision, "path": git.path}
    return {key: value for key, value in entry.items() if same.get(key) != value}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    return {_OF_A_SOURCE.get(key, key): value for key, value in source.items()}


def described(found: Found) -> str:
    """Return in one line what was found; "" for nothing."""
    if not found.is_there:
        return ""
    release = (
        f"the Helm release {RELEASE} of {found.release.chart} {found.release.version}"
        if found.release
        else f"no Helm release {RELEASE}"
    )
    return f"  found {release} and {len(found.applications)} Applications in the namespace {found.namespace}"
