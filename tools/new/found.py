"""What `make new` finds: in the cluster an Argo CD with its Applications, in a folder the projects."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.access.app_projects import DEFAULT
from components.argocd.release import Installed, read_release
from components.argocd.values import value_at
from components.cluster.errors import ClusterError
from components.cluster.helm_records import RELEASE
from components.cluster.live import argocd_namespaces
from components.cluster.losses import as_yaml, losses, secrets_in
from components.projects.application import sources
from components.projects.cascade import cascade_of
from components.projects.git import REPLACED, GitSettings
from components.projects.manifest_files import documents
from components.projects.section import CREATE_NAMESPACE, IN_CLUSTER, IN_CLUSTER_NAME
from components.projects.taking_over import as_written, read_applications
from components.stackfile.addresses import is_ip
from components.stackfile.kubectl_yaml import UnreadableError
from components.stackfile.urls import repository_host, with_host_name

_USUAL = "argocd"
_MANIFEST = "factory/CD/argo/application.yml"
_DEPTH = 4
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


def patterns_of(manifests: Sequence[Path]) -> list[str]:
    """Return how the stack file names `manifests`: by one glob that means them all, or each by its own.

    Either way no other file is meant.
    """
    each = [glob.escape(manifest.as_posix()) for manifest in manifests]
    parts = [manifest.as_posix().split("/") for manifest in manifests]
    if len(manifests) > 1 and len({len(part) for part in parts}) == 1:
        columns = [set(column) for column in zip(*parts, strict=True)]
        common = "/".join("*" if len(names) > 1 else glob.escape(*names) for names in columns)
        found = glob.glob(common)  # noqa: PTH207 - as the program reads the pattern
        if sorted(map(Path, found)) == sorted(manifests):
            return [common]
    return each


def manifests_in(folder: Path) -> list[Path]:
    """Return the projects' own Application files in `folder`, at most four folders down."""
    found: list[Path] = []
    for depth in range(_DEPTH + 1):
        with suppress(OSError):  # of what is no usual folder, such as /proc, or has just been deleted
            found += folder.glob("/".join([*["*"] * depth, _MANIFEST]))
    return sorted(found)


def addresses_in(manifests: Iterable[Path], live: Iterable[str] = ()) -> list[str]:
    """Return the IP addresses by which the manifests name repositories, the most frequent first.

    What cannot be read has none. `live` are further hosts.
    """
    hosts = [repository_host(url) for content in _contents(manifests) for url in _urls(content)]
    hosts += live
    replaceable = (host for host in hosts if is_ip(host) and REPLACED.fits(host))
    return [host for host, _ in Counter(replaceable).most_common()]


def names_of(manifests: Iterable[Path]) -> set[object]:
    """Return the names of the Applications in the manifests."""
    return {value_at(content, "metadata", "name") for content in _contents(manifests)}


def named_in(manifests: Iterable[Path], live: Iterable[object] = ()) -> tuple[list[str], list[str]]:
    """Return the AppProjects and the clusters that the manifests name, apart from Argo CD's own.

    `live` are further Applications.
    """
    contents = [*_contents(manifests), *live]
    specs = [content.get("spec") for content in contents if isinstance(content, dict)]
    given = [spec for spec in specs if isinstance(spec, dict)]
    projects = [spec.get("project") for spec in given]
    clusters = [value_at(spec, "destination", "name") for spec in given]
    return _names(projects, DEFAULT), _names(clusters, IN_CLUSTER_NAME)


def _names(values: Iterable[object], without: str) -> list[str]:
    names = [value for value in values if isinstance(value, str) and value not in {"", without}]
    return list(dict.fromkeys(names))


def _contents(manifests: Iterable[Path]) -> Iterable[object]:
    for manifest in manifests:
        try:
            yield from (content for _, content in documents(str(manifest)))
        except (OSError, ValueError, UnreadableError):
            continue


def _urls(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        if isinstance(node.get("repoURL"), str):
            yield node["repoURL"]
        for value in node.values():
            yield from _urls(value)
    if isinstance(node, list):
        for value in node:
            yield from _urls(value)
