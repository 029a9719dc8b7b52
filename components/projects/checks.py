"""What the Applications of a stack say that cannot be, told before anything is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pydantic_core import PydanticCustomError

from components.projects.declared import DeclaredApplication, Repository, declared_applications, sources
from components.projects.names import name_problems, same_names
from components.projects.shape import shape_problems
from components.settings import Problem, Settings
from components.settings.argocd_checks import value_at
from components.settings.base import PROJECT, reasons
from components.settings.folders import require_folder
from components.settings.problems import behind_login, key_path
from components.settings.projects import IN_CLUSTER, IN_CLUSTER_NAME
from components.settings.schedules import require_pause
from components.settings.sync import CREATE_NAMESPACE
from components.settings.urls import lacks_dot_git, require_registry, require_repository_url

_ANY_NAMESPACE = "application.namespaces"
_SOURCES = ("source", "sources", "sourceHydrator")


def application_problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the stack's Applications, each with its place in the stack or in its file."""
    applications = declared_applications(settings)
    return [
        *(problem for application in applications for problem in _problems(application, settings)),
        *same_names(applications),
    ]


def application_warnings(applications: Iterable[DeclaredApplication]) -> list[str]:
    """Return what will not do what its author expects, though Argo CD accepts it."""
    return [
        f"{application.called}: {what}"
        for application in applications
        if not shape_problems(application)
        for what in _without_effect(application)
    ]


def _problems(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    if misshapen := shape_problems(application):
        yield from misshapen
        return
    yield from name_problems(application)
    yield from _namespace(application, settings)
    yield from _completeness(application)
    yield from _app_project(application, settings)
    yield from _cluster(application, settings)
    for repository in application.repositories:
        yield from _repository(application, repository, settings)
    yield from _forms(application)


def _namespace(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    wanted, own = application.manifest["metadata"].get("namespace"), settings.argocd.namespace
    params = value_at(settings.argocd.values, "configs", "params")
    if wanted in {None, own} or (isinstance(params, Mapping) and _ANY_NAMESPACE in params):
        return
    yield application.problem(
        ["metadata", "namespace"],
        [],
        f"the Application is in the namespace {wanted!r}, Argo CD in {own!r}",
        "Argo CD looks for Applications in its own namespace only",
        "take the namespace out, or allow it: "
        + key_path(("argocd", "values", "configs", "params", _ANY_NAMESPACE)),
    )


def _completeness(application: DeclaredApplication) -> Iterator[Problem]:
    """Check that what Argo CD needs is there; what is there has its right shape by now."""
    spec = application.spec
    for key, there, example in (
        ("project", spec.get("project") is not None, "project: default"),
        ("source", any(map(spec.get, _SOURCES)), "source: {repoURL: …, path: …}"),
        ("destination", spec.get("destination"), "destination: {server: …}"),
    ):
        if not there:
            yield application.problem(
                ["spec"], ["spec"], f"spec.{key} is missing", "Argo CD needs it", f"add {example}"
            )
    destination = spec.get("destination")
    if destination and not (destination.get("name") or destination.get("server")):
        yield application.problem(
            ["spec", "destination"],
            ["spec"],
            "the destination names no cluster",
            "Argo CD does not know where to deploy the project to",
            f"add server: {IN_CLUSTER}",
        )
    for place, source in sources(spec):
        if source.get("chart") and not source.get("targetRevision"):
            yield application.problem(
                place,
                place,
                f"the chart {source['chart']!r} has no version",
                "Argo CD takes a chart with its exact version only",
                "add targetRevision: with the chart's version, for example targetRevision: 1.2.3",
            )
    if not application.repositories and (given := [key for key in _SOURCES if spec.get(key)]):
        place, _ = next(sources(spec), (("spec", given[0]), {}))
        yield application.problem(
            place,
            ["spec"],
            "no source has a repoURL",
            "Argo CD needs it",
            "add repoURL: with the repository's address",
        )


def _app_project(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    name = application.spec.get("project")
    if name in {None, "", "default", *settings.app_projects}:  # "" is default to Argo CD
        return
    known = ", ".join(["default", *settings.app_projects])
    yield application.problem(
        ["spec", "project"],
        ["appProject"],
        f"there is no AppProject {name!r}; known here: {known}",
        "Argo CD refuses to synchronise the Application, and its deletion with a finalizer would hang",
        f"add it: {PROJECT}:appProjects.{name}: {{}} (with declare: false, if somebody else declares it)",
    )


def _cluster(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    destination = application.spec.get("destination") or {}
    name, server = destination.get("name") or None, destination.get("server") or None
    servers = {IN_CLUSTER, *(cluster.server for cluster in settings.clusters.values())}
    if name in {None, IN_CLUSTER_NAME, *settings.clusters} and server in {None, *servers}:
        return
    unknown = name if name is not None else server
    known = ", ".join([IN_CLUSTER_NAME, *settings.clusters])
    target = application.target if name else None
    yield application.problem(
        ["spec", "destination"],
        ["destination"] if target is None else ["destinations", target],
        f"there is no cluster {behind_login(str(unknown))!r}; known here: {known}",
        "Argo CD does not know where to deploy the project to",
        f"register it: {PROJECT}:clusters.<name> with its server and credentials (or with declare: false, "
        "if somebody else registers it)",
    )


def _repository(
    application: DeclaredApplication, repository: Repository, settings: Settings
) -> Iterator[Problem]:
    url, place = repository.url, repository.place
    keys = application.keys(repository)
    try:
        (require_registry if repository.is_registry else require_repository_url)(url)
    except PydanticCustomError as error:
        yield application.problem(place, keys, *reasons(error))
        return
    if not repository.is_chart and lacks_dot_git(url, settings.git.servers):
        yield application.problem(
            place,
            keys,
            f"{url} does not end in .git",
            "GitLab redirects such a URL, and Argo CD does not follow redirects",
            f"write {url.rstrip('/')}.git",
        )


def _forms(application: DeclaredApplication) -> Iterator[Problem]:
    """Check what a manifest or a raw `spec` says in the forms that the sections of the stack file ask for."""
    backoff = ("spec", "syncPolicy", "retry", "backoff")
    folders = (((*place, "path"), require_folder) for place, _ in sources(application.spec))
    pauses = (((*backoff, key), require_pause) for key in ("duration", "maxDuration"))
    for place, require in chain(folders, pauses):
        said: Any = application.manifest
        for key in place:
            said = said[key] if isinstance(key, int) else (said or {}).get(key)
        if not said:
            continue
        try:
            require(said)
        except PydanticCustomError as error:
            yield application.problem(place, place[1:], *reasons(error))


def _without_effect(application: DeclaredApplication) -> Iterator[str]:
    policy = application.spec.get("syncPolicy") or {}
    creates = CREATE_NAMESPACE in (policy.get("syncOptions") or [])
    named = (application.spec.get("destination") or {}).get("namespace")
    if creates and not named and _is_said(application):
        yield (
            f"the sync option {CREATE_NAMESPACE} does nothing here, since the Application has no "
            "destination.namespace: Argo CD would not know which namespace to create. Name the namespace, or "
            "take the option out"
        )
    if policy.get("managedNamespaceMetadata") and not creates:
        yield (
            "managedNamespaceMetadata does nothing here: Argo CD looks after the namespace only with the "
            f"sync option {CREATE_NAMESPACE}. Add the option, or take the metadata out"
        )


def _is_said(application: DeclaredApplication) -> bool:
    """Tell whether somebody wrote the sync options; as a default they are harmless without a namespace."""
    said = application.options.sync_policy.model_fields_set
    return bool(application.source) or "sync_options" in said
