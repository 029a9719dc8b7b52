"""All Applications of a stack, from `projects` and from `manifests` alike, with the place each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from components.projects.crd import Misfit, misfits, without_nulls
from components.projects.git import GitSettings
from components.projects.manifest_files import ManifestApplication, ManifestFiles
from components.projects.manifests import (
    API_VERSION,
    FINALIZERS,
    application_manifests,
    without_cascade,
)
from components.projects.section import ProjectDefaults, ProjectSettings
from components.stackfile.problems import Key, Problem
from components.stackfile.urls import repository_host, with_host_name

WRITTEN_BY_ARGO_CD = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", "argocd.argoproj.io/refresh"}
)

_NOTHING = object()
_IN_THE_STACK: Mapping[Key, Key] = {"repoURL": "repository", "targetRevision": "revision"}
"""What fields of a source are called in the stack file, where it is another name."""


@dataclass(frozen=True)
class Repository:
    """A repository that an Application names."""

    url: str
    place: tuple[Key, ...]
    """Where it stands in the Application's manifest."""
    is_chart: bool
    """Whether it is a Helm or OCI repository, not a Git repository."""

    @property
    def is_registry(self) -> bool:
        """Whether it is an OCI registry, which is named without a scheme: `registry.protobox/charts`."""
        return self.is_chart and "://" not in self.url

    @property
    def host(self) -> str:
        """The host that has to resolve in the cluster, "" if there is none in the URL."""
        if self.is_registry:
            return self.url.partition("/")[0].partition(":")[0].lower()
        return repository_host(self.url).removesuffix(".")  # a final dot changes nothing for a resolver


@dataclass(frozen=True)
class DeclaredApplication:
    """One Application as it is declared, and where it comes from."""

    manifest: Mapping[str, Any]
    path: tuple[Key, ...]
    """The key in the stack file: `("projects", "docserver")` or `("manifests", 0)`."""
    options: ProjectDefaults
    """What holds for it beside the manifest: `adopt` and `protect`."""
    source: ManifestApplication | None = None
    """The file that it was read from."""
    target: str | None = None
    """Which one of its project's several destinations it is for, by the key; None for the only one."""

    @property
    def name(self) -> str:
        """The Application's name."""
        found = self.manifest["metadata"].get("name")
        return found if isinstance(found, str) else ""

    @property
    def spec(self) -> Mapping[str, Any]:
        """The Application's spec."""
        found: Mapping[str, Any] = self.manifest["spec"]
        return found

    @cached_property
    def misfits(self) -> tuple[Misfit, ...]:
        """What Argo CD's CRD refuses of it. Found out once: several checks ask, and it takes 0.1 ms."""
        return tuple(misfits("Application", self.source.content if self.source else self.manifest))

    @property
    def repositories(self) -> list[Repository]:
        """The repositories of all its sources."""
        return [
            Repository(source["repoURL"], (*place, "repoURL"), bool(source.get("chart")))
            for place, source in sources(self.spec)
            if isinstance(source.get("repoURL"), str)
        ]

    def keys(self, repository: Repository) -> tuple[Key, ...]:
        """Return where a repository stands below the project in the stack file, or would have to."""
        *_, last = repository.place[:-1]
        return ("sources", last, "repository") if isinstance(last, int) else ("repository",)

    @property
    def called(self) -> str:
        """The Application in words, for messages that are about several."""
        return f"{self.name} ({self.source.file})" if self.source else self.name

    def problem(self, place: Sequence[Key], keys: Sequence[Key], what: str, why: str, fix: str) -> Problem:
        """Return a problem of this Application.

        Args:
            place: where it is in the manifest; it gives the line in a manifest's file.
            keys: where it is below the project in the stack file, unless the project's raw `spec` says it.
            what: what is wrong.
            why: why it matters.
            fix: what to write instead.
        """
        if self.source:
            return replace(self.source.problem(place, what, why, fix), path=self.path, place=tuple(place))
        raw = (
            len(place) > 1
            and place[0] == "spec"
            and standing_at(self.options.spec, place[1:], _NOTHING) is not _NOTHING
        )
        return Problem(
            (*self.path, *(["spec", *place[1:]] if raw else keys)), what, why, fix, place=tuple(place)
        )

    def wrong(self, place: Sequence[Key], what: str, why: str, fix: str) -> Problem:
        """Return a problem at `place` of the manifest, or at the key of the stack file that it is from."""
        return self.problem(place, self._keys(place), what, why, fix)

    def _keys(self, place: Sequence[Key]) -> tuple[Key, ...]:
        """Return where below a project in the stack file something of the manifest is said."""
        above, *below = place[1:] or ("",)
        match above:
            case "name" if place[0] == "metadata":
                return ("application",)
            case "project":
                return ("appProject",)
            case "destination" if self.target is not None:
                return ("destinations", self.target, *below)
            case "source" | "sources":
                listed = (above,) if above == "sources" else ()
                return (*listed, *(_IN_THE_STACK.get(key, key) for key in below))
        return tuple(place[1:])


def standing_at(value: Any, place: Sequence[Key], otherwise: object = None) -> Any:
    """Return what stands at `place` of a value, and `otherwise` if nothing does."""
    for key in place:
        keys = value if isinstance(value, Mapping) else range(len(value) if isinstance(value, list) else 0)
        if key not in keys:
            return otherwise
        value = value[key]
    return value


def sources(spec: Mapping[str, Any]) -> Iterator[tuple[tuple[Key, ...], Mapping[str, Any]]]:
    """Yield each source of an Application, with its place in the manifest.

    Of several kinds it is the one that Argo CD takes (`GetSource` in its `v1alpha1/types.go`). An empty list
    is none to it, and its own pages write one.
    """
    several, hydrator = spec.get("sources") or None, spec.get("sourceHydrator")
    places: list[tuple[tuple[Key, ...], Any]] = [(("spec", "source"), spec.get("source"))]
    if isinstance(hydrator, Mapping) and hydrator:
        places = [(("spec", "sourceHydrator", "drySource"), hydrator.get("drySource"))]
    elif isinstance(several, list):
        places = [(("spec", "sources", number), source) for number, source in enumerate(several)]
    for place, source in places:
        if isinstance(source, Mapping):
            yield place, source


@dataclass(frozen=True)
class Declaration:
    """What the stack file says of Applications and ApplicationSets, and of what they are made with.

    Attributes:
        projects: the short form.
        manifests: the projects' own files.
        defaults: what all have in common.
        git: where the repositories are.
        namespace: Argo CD's.
    """

    projects: Mapping[str, ProjectSettings]
    manifests: Sequence[ManifestFiles]
    defaults: ProjectDefaults
    git: GitSettings
    namespace: str


def declared_applications(said: Declaration) -> list[DeclaredApplication]:
    """Return the stack's Applications, those of `projects` first, in the order of the stack file."""
    return [*_of_projects(said), *_of_manifests(said)]


def _of_projects(said: Declaration) -> Iterator[DeclaredApplication]:
    for project, own in said.projects.items():
        made = application_manifests(project, own, said.git, said.namespace)
        for target, manifest in zip(own.destinations or [None], made, strict=True):
            spec = without_nulls("Application", manifest["spec"])
            yield DeclaredApplication({**manifest, "spec": spec}, ("projects", project), own, target=target)


def _of_manifests(said: Declaration) -> Iterator[DeclaredApplication]:
    for number, files in enumerate(said.manifests):
        for read in files.applications:
            yield DeclaredApplication(
                as_declared(read.content, said), ("manifests", number), said.defaults, read
            )


def as_declared(content: Mapping[str, Any], declaration: Declaration) -> dict[str, Any]:
    """Return a file's Application without what the cluster writes into it, and with names for raw IPs.

    What has not the shape of an Application is left as it is, or out; `components.projects.shape` tells it.
    """
    said = content.get("metadata")
    said = said if isinstance(said, Mapping) else {}
    metadata = {
        key: deepcopy(said[key]) for key in ("name", "namespace", "labels", "annotations") if said.get(key)
    }
    metadata.setdefault("namespace", declaration.namespace)
    if isinstance(metadata.get("annotations"), Mapping):
        kept = {k: v for k, v in metadata["annotations"].items() if k not in WRITTEN_BY_ARGO_CD}
        metadata["annotations"] = kept
    listed = said.get("finalizers")
    own = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    if declaration.defaults.says_cascade:
        own = [*without_cascade(own), *FINALIZERS[declaration.defaults.cascade]]
    finalizers = list(dict.fromkeys(own))
    metadata |= {"finalizers": finalizers} if finalizers else {}
    said_spec = content.get("spec")
    spec = without_nulls("Application", deepcopy(said_spec)) if isinstance(said_spec, dict) else {}
    for _, source in sources(spec):
        if isinstance(source.get("repoURL"), str):
            source["repoURL"] = with_host_name(source["repoURL"], declaration.git.hosts)  # type: ignore[index]
    return {
        "apiVersion": str(content.get("apiVersion", API_VERSION)),
        "kind": "Application",
        "metadata": metadata,
        "spec": spec,
    }


@dataclass(frozen=True)
class Use:
    """A repository of an Application."""

    application: DeclaredApplication
    repository: Repository


def hosts_in_use(applications: Iterable[DeclaredApplication]) -> dict[str, list[Use]]:
    """Return repository host → who uses it, in the order of the Applications: these have to resolve."""
    uses: dict[str, list[Use]] = {}
    for application in applications:
        for repository in application.repositories:
            if repository.host:
                uses.setdefault(repository.host, []).append(Use(application, repository))
    return uses
