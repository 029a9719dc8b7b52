"""Applications and ApplicationSets of files: declared as they are, but with names for addresses.

What the cluster writes into them is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from components.argocd.section import ArgoCDSettings
from components.argocd.values import value_at
from components.cluster.objects import APPLICATION_SET
from components.projects.application import Application, Repository, sources
from components.projects.cascade import FINALIZERS, without_cascade
from components.projects.crd import Kind, Misfit, typed
from components.projects.git import GitSettings
from components.projects.manifest_files import Document, ManifestFiles
from components.projects.section import ProjectDefaults
from components.projects.shape import shape_problems
from components.stackfile.host_names import is_host_name
from components.stackfile.problems import PROJECT, Key, Problem
from components.stackfile.urls import with_host_name

WRITTEN_BY_ARGO_CD = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", "argocd.argoproj.io/refresh"}
)
_ANY_NAMESPACE = "applicationsetcontroller.namespaces"
_LINKS = ("repoURL", "api")
"""The keys that have a URL: of a repository, and of the API that a generator asks."""
OPEN = "{{"
"""With what a part begins that a generator fills in."""
_NEVER_DELETE = ("create-only", "create-update")
_ASKS_GITLAB = ("scmProvider", "pullRequest")


def of_files(
    files: Sequence[ManifestFiles], defaults: ProjectDefaults, git: GitSettings, namespace: str
) -> Iterator[Application]:
    """Yield the Application of each file."""
    for number, entry in enumerate(files):
        for read in entry.applications:
            manifest, misfits = _as_written("Application", read, namespace)
            metadata = manifest["metadata"]
            finalizers = metadata.pop("finalizers", [])
            if defaults.says_cascade:
                finalizers = [*without_cascade(finalizers), *FINALIZERS[defaults.cascade]]
            if finalizers:
                metadata["finalizers"] = list(dict.fromkeys(finalizers))
            for _, source in sources(manifest["spec"]):
                if "repoURL" in source:
                    source["repoURL"] = with_host_name(source["repoURL"], git.hosts)
            yield Application(manifest, ("manifests", number), defaults, read, misfits=misfits)


class DeclaredSet(Application):
    """An ApplicationSet as it is declared, and the file that it comes from."""

    @property
    def repositories(self) -> list[Repository]:
        """The repositories and APIs whose host it says; the others it only makes."""
        found = []
        for place, url in _links(self.manifest):
            is_chart = bool(value_at(self.manifest, *place[:-1]).get("chart"))
            # What has still to be filled in nobody can read, and an API is no repository.
            is_no_git = "://" in url and (place[-1] == "api" or OPEN in url)
            found.append(Repository(url, place, is_chart=is_chart or is_no_git))
        return [repository for repository in found if OPEN not in repository.host]


def sets_of_files(
    files: Sequence[ManifestFiles], defaults: ProjectDefaults, git: GitSettings, namespace: str
) -> Iterator[DeclaredSet]:
    """Yield the ApplicationSet of each file, in the order of the stack file."""
    for number, entry in enumerate(files):
        for read in entry.application_sets:
            manifest, misfits = _as_written(APPLICATION_SET, read, namespace)
            for place, url in list(_links(manifest)):
                value_at(manifest, *place[:-1])[place[-1]] = with_host_name(url, git.hosts)
            yield DeclaredSet(manifest, ("manifests", number), defaults, read, misfits=misfits)


def _as_written(kind: Kind, read: Document, namespace: str) -> tuple[dict[str, Any], list[Misfit]]:
    """Return what a file's author says of an object, with `namespace` where the file names none."""
    fitting, misfits = typed(kind, read.content)
    kept = ("name", "namespace", "labels", "annotations", "finalizers")
    said = {key: fitting["metadata"][key] for key in kept if fitting["metadata"].get(key)}
    metadata = {"namespace": namespace, **said}
    if "annotations" in metadata:
        own = metadata["annotations"].items()
        metadata["annotations"] = {key: value for key, value in own if key not in WRITTEN_BY_ARGO_CD}
    manifest = {"apiVersion": read.content["apiVersion"], "kind": kind, "metadata": metadata}
    return {**manifest, "spec": fitting["spec"]}, misfits


def set_problems(sets: Sequence[DeclaredSet], argocd: ArgoCDSettings) -> list[Problem]:
    """Return what is wrong with the stack's ApplicationSets and the API server does not know."""
    misshapen = [problem for each in sets for problem in shape_problems(each)]
    return [*misshapen, *_names(sets), *(problem for each in sets for problem in _namespace(each, argocd))]


def set_warnings(sets: Iterable[DeclaredSet]) -> Iterator[str]:
    """Yield a warning for each ApplicationSet that deletes what a GitLab does not list."""
    for each in sets:
        policy = value_at(each.spec, "syncPolicy", "applicationsSync")
        if policy not in _NEVER_DELETE and any(_asks_gitlab(each.spec.get("generators"))):
            yield (
                f"{each.called}: its generator asks GitLab, and deletes the Applications of all projects "
                "that an answer lacks, also one that is not whole (argo-cd#11464, #14318). To let it make "
                "and change Applications only, write spec.syncPolicy.applicationsSync: create-update"
            )


def _names(sets: Sequence[DeclaredSet]) -> Iterator[Problem]:
    first: dict[str, DeclaredSet] = {}
    place = ("metadata", "name")
    for each in sets:
        if not is_host_name(each.name):
            what = f"{each.name!r} is no name for an ApplicationSet"
            why = "Kubernetes takes small letters, digits, '-' and '.', with a letter or digit at its ends"
            yield each.wrong(place, what, why, "write for example projects")
        elif (earlier := first.setdefault(each.name, each)) is not each:
            what = f"the ApplicationSet {each.name!r} is declared already, by {earlier.called}"
            yield each.wrong(place, what, "one would overwrite the other", f"write name: {each.name}-2")


def _namespace(each: DeclaredSet, argocd: ArgoCDSettings) -> Iterator[Problem]:
    wanted, own = each.manifest["metadata"]["namespace"], argocd.namespace
    if wanted != own and not value_at(argocd.values, "configs", "params", _ANY_NAMESPACE):
        yield each.wrong(
            ("metadata", "namespace"),
            f"the ApplicationSet is in the namespace {wanted!r}, Argo CD in {own!r}",
            "Argo CD looks for ApplicationSets in its own namespace only",
            f"take namespace out, or name it in {PROJECT}:argocd.values, configs.params.{_ANY_NAMESPACE}",
        )


def _asks_gitlab(generators: Any) -> Iterator[bool]:
    """Yield True for each generator that asks GitLab, also inside of others."""
    for generator in generators if isinstance(generators, list) else []:
        if isinstance(generator, Mapping):
            for key, value in generator.items():
                if isinstance(value, Mapping):
                    yield key in _ASKS_GITLAB and "gitlab" in value
                    yield from _asks_gitlab(value.get("generators"))


def _links(value: Any, place: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Yield each URL in a manifest, with its place."""
    below = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, found in below:
        if key in _LINKS and isinstance(found, str) and place[:1] == ("spec",):
            yield (*place, key), found
        yield from _links(found, (*place, key))
