"""An Application of the stack: the one type that the short form and a file both become, for every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import PydanticCustomError

from components.argocd.values import has, value_at
from components.projects.crd import Misfit
from components.projects.manifest_files import Document
from components.projects.section import ProjectDefaults
from components.stackfile.base import reasons
from components.stackfile.problems import Key, Problem
from components.stackfile.urls import repository_host

API_VERSION = "argoproj.io/v1alpha1"
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
class Application:
    """One Application as it is declared, and where it comes from."""

    manifest: Mapping[str, Any]
    """What is declared. What has another type than its field in the CRD is left out, and in `misfits`."""
    path: tuple[Key, ...]
    """The key in the stack file: `("projects", "docserver")` or `("manifests", 0)`."""
    options: ProjectDefaults
    """What holds for it beside the manifest: `adopt` and `protect`."""
    document: Document | None = None
    """The document of a file that it was read from."""
    target: str | None = None
    """Which one of its project's several destinations it is for, by the key; None for the only one."""
    misfits: Sequence[Misfit] = ()
    """What the API server would refuse of it."""

    @property
    def name(self) -> str:
        """The Application's name, "" if it has none."""
        name: str = self.manifest["metadata"].get("name", "")
        return name

    @property
    def spec(self) -> Mapping[str, Any]:
        """The Application's spec."""
        spec: Mapping[str, Any] = self.manifest["spec"]
        return spec

    @property
    def repositories(self) -> list[Repository]:
        """The repositories of all its sources."""
        return [
            Repository(source["repoURL"], (*place, "repoURL"), bool(source.get("chart")))
            for place, source in sources(self.spec)
            if "repoURL" in source
        ]

    @property
    def called(self) -> str:
        """The Application in words, for messages that are about several."""
        return f"{self.name} ({self.document.file})" if self.document else self.name

    def problem(self, place: Sequence[Key], keys: Sequence[Key], what: str, why: str, fix: str) -> Problem:
        """Return a problem at `place` of the manifest, which gives the line in a manifest's file.

        `keys` is where it is below the project in the stack file, unless the project's raw `spec` says it.
        """
        if self.document:
            return replace(self.document.problem(place, what, why, fix), path=self.path, place=tuple(place))
        raw = place[0] == "spec" and len(place) > 1 and stands_at(self.options.spec, place[1:])
        return Problem(
            (*self.path, *(["spec", *place[1:]] if raw else keys)), what, why, fix, place=tuple(place)
        )

    def wrong(self, place: Sequence[Key], what: str, why: str, fix: str) -> Problem:
        """Return a problem at `place` of the manifest, or at the key of the stack file that it is from."""
        return self.problem(place, self.keys(place), what, why, fix)

    def refused(self, place: Sequence[Key], require: Callable[[str], object]) -> Iterator[Problem]:
        """Yield why `require`, which sections of the stack file ask too, refuses the text at `place`."""
        try:
            require(value_at(self.manifest, *place))
        except PydanticCustomError as error:
            yield self.wrong(place, *reasons(error))

    def key(self, field: str) -> str:
        """Return what a field of a source is called where this Application is written."""
        return field if self.document else str(_IN_THE_STACK.get(field, field))

    def lacks_repository(self, source: Sequence[Key]) -> bool:
        """Tell whether a project names a chart at the place of a source, and no repository with charts."""
        found = value_at(self.manifest, *source)
        return not self.document and has(found, "chart") and not has(found, "repoURL")

    def keys(self, place: Sequence[Key]) -> tuple[Key, ...]:
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


def stands_at(value: Any, place: Sequence[Key]) -> bool:
    """Tell whether anything stands at `place` of a value, even if it is null."""
    *above, last = place
    return has(value_at(value, *above), last)


def sources(spec: Mapping[str, Any]) -> Iterator[tuple[tuple[Key, ...], dict[str, Any]]]:
    """Yield each source of an Application, with its place in the manifest.

    Of several kinds it is the one that Argo CD takes (`GetSource` in its `v1alpha1/types.go`). An empty list
    is none to it, and its own pages write one.
    """
    places: list[tuple[tuple[Key, ...], Any]]
    if hydrator := spec.get("sourceHydrator"):
        places = [(("spec", "sourceHydrator", "drySource"), hydrator.get("drySource"))]
    elif several := spec.get("sources"):
        places = [(("spec", "sources", number), source) for number, source in enumerate(several)]
    else:
        places = [(("spec", "source"), spec.get("source"))]
    for place, source in places:
        if source is not None:
            yield place, source


@dataclass(frozen=True)
class Use:
    """A repository of an Application."""

    application: Application
    repository: Repository


def hosts_in_use(applications: Iterable[Application]) -> dict[str, list[Use]]:
    """Return repository host → who uses it, in the order of the Applications: these have to resolve."""
    uses: dict[str, list[Use]] = {}
    for application in applications:
        for repository in application.repositories:
            if repository.host:
                uses.setdefault(repository.host, []).append(Use(application, repository))
    return uses
