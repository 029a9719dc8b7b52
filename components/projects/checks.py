"""What the Applications of a stack say that cannot be, told before anything is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from components.projects.declared import DeclaredApplication, Repository, declared_applications
from components.settings import Problem, ProjectSettings, Settings
from components.settings.base import PROJECT
from components.settings.names import is_host_name
from components.settings.object_names import suggested_name
from components.settings.problems import key_path
from components.settings.projects import IN_CLUSTER, IN_CLUSTER_NAME
from components.settings.urls import lacks_dot_git, repository_host, require_repository_url

_LONGEST = 63
"""Argo CD puts the name into the label `app.kubernetes.io/instance` of what it creates, and Kubernetes
takes no longer value (RFC 1123 label)."""

_CREATE_NAMESPACE = "CreateNamespace=true"
_ANY_NAMESPACE = "application.namespaces"


def application_problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the stack's Applications, each with its place in the stack or in its file."""
    applications = declared_applications(settings)
    return [
        *(problem for application in applications for problem in _problems(application, settings)),
        *_same_names(applications),
    ]


def application_warnings(applications: Iterable[DeclaredApplication]) -> list[str]:
    """Return what will not do what its author expects, though Argo CD accepts it."""
    return [
        f"{application.called}: the sync option {_CREATE_NAMESPACE} does nothing here, since the Application "
        "has no destination.namespace: Argo CD would not know which namespace to create. Name the "
        "namespace, or take the option out"
        for application in applications
        if _wants_a_namespace_without_name(application)
    ]


def _problems(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    yield from _name(application)
    yield from _namespace(application, settings)
    yield from _shape(application)
    yield from _app_project(application, settings)
    yield from _cluster(application, settings)
    for repository in application.repositories:
        yield from _repository(application, repository, settings)


def _name(application: DeclaredApplication) -> Iterator[Problem]:
    name = application.name
    if is_host_name(name) and len(name) <= _LONGEST:
        return
    what = f"{name!r} is no name for an Application" if name else "the Application has no name"
    if len(name) > _LONGEST:
        what = f"the Application's name {name!r} has {len(name)} characters"
    why = (
        f"Kubernetes takes at most {_LONGEST} lower-case letters, digits, '-' and '.', with a letter or "
        "digit at both ends, since Argo CD labels the project's objects with it"
    )
    suggestion = suggested_name(name, _LONGEST) or "docserver"
    key = key_path((*application.path, "application"))
    fix = f"correct metadata.name, for example {suggestion}" if application.source else f"{key}: {suggestion}"
    yield application.problem(["metadata", "name"], ["application"], what, why, fix)


def _namespace(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    wanted, own = application.manifest["metadata"].get("namespace"), settings.argocd.namespace
    params: Mapping[str, Any] = (settings.argocd.values.get("configs") or {}).get("params") or {}
    if wanted in {None, own} or _ANY_NAMESPACE in params:
        return
    yield application.problem(
        ["metadata", "namespace"],
        [],
        f"the Application is in the namespace {wanted!r}, Argo CD in {own!r}",
        "Argo CD looks for Applications in its own namespace only",
        f"take the namespace out, or allow it: {PROJECT}:argocd.values.configs.params.{_ANY_NAMESPACE}",
    )


def _shape(application: DeclaredApplication) -> Iterator[Problem]:
    """Check what the rest of the program reads; the API server checks the rest, field by field."""
    for key, example in (
        ("source", "source: {repoURL: …, path: …}"),
        ("destination", "destination: {server: …}"),
    ):
        found = application.spec.get(key) or (key == "source" and application.spec.get("sources"))
        if not found or not isinstance(found, (Mapping, list)):
            yield application.problem(
                ["spec"], ["spec"], f"spec.{key} is missing", "Argo CD needs it", f"add {example}"
            )
    destination = application.spec.get("destination")
    if isinstance(destination, Mapping) and not (destination.get("name") or destination.get("server")):
        yield application.problem(
            ["spec", "destination"],
            ["spec"],
            "the destination names no cluster",
            "Argo CD does not know where to deploy the project to",
            f"add server: {IN_CLUSTER}",
        )
    if not application.repositories and application.spec.get("source"):
        yield application.problem(
            ["spec", "source"],
            ["spec"],
            "no source has a repoURL",
            "Argo CD needs it",
            "add repoURL: with the repository's address",
        )


def _app_project(application: DeclaredApplication, settings: Settings) -> Iterator[Problem]:
    name = application.spec.get("project", "default")
    if name == "default" or name in settings.app_projects:
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
    destination = application.spec.get("destination")
    if not isinstance(destination, Mapping):
        return
    name, server = destination.get("name"), destination.get("server")
    servers = {IN_CLUSTER, *(cluster.server for cluster in settings.clusters.values())}
    if name in {None, IN_CLUSTER_NAME, *settings.clusters} and server in {None, *servers}:
        return
    unknown = name if name is not None else server
    known = ", ".join([IN_CLUSTER_NAME, *settings.clusters])
    own = application.options
    several = isinstance(own, ProjectSettings) and own.destinations and name
    yield application.problem(
        ["spec", "destination"],
        ["destinations" if several else "destination"],
        f"there is no cluster {unknown!r}; known here: {known}",
        "Argo CD does not know where to deploy the project to",
        f"register it: {PROJECT}:clusters.<name> with its server and credentials (or with declare: false, "
        "if somebody else registers it)",
    )


def _repository(
    application: DeclaredApplication, repository: Repository, settings: Settings
) -> Iterator[Problem]:
    url, place = repository.url, repository.place
    if repository.is_registry:
        return
    try:
        require_repository_url(url)
    except PydanticCustomError as error:
        told = error.context or {}
        yield application.problem(
            place, ["repository"], error.message(), str(told.get("why", "")), str(told.get("fix", ""))
        )
        return
    if not repository.is_chart and lacks_dot_git(url, repository_host(settings.git.base_url)):
        yield application.problem(
            place,
            ["repository"],
            f"{url} does not end in .git",
            "GitLab redirects such a URL, and Argo CD does not follow redirects",
            f"write {url}.git",
        )


def _same_names(applications: list[DeclaredApplication]) -> Iterator[Problem]:
    first: dict[str, DeclaredApplication] = {}
    for application in applications:
        earlier = first.setdefault(application.name, application)
        if earlier is not application:
            yield application.problem(
                ["metadata", "name"],
                ["application"],
                f"the Application {application.name!r} is declared already, by {_place(earlier)}",
                "one would overwrite the other",
                "give one of them another name, or take it out",
            )


def _place(application: DeclaredApplication) -> str:
    if application.source:
        return f"{application.source.file}, line {application.source.line_of('metadata', 'name')}"
    return key_path(application.path)


def _wants_a_namespace_without_name(application: DeclaredApplication) -> bool:
    policy = application.spec.get("syncPolicy")
    wanted = isinstance(policy, Mapping) and _CREATE_NAMESPACE in (policy.get("syncOptions") or [])
    destination = application.spec.get("destination") or {}
    return wanted and _is_said(application) and not destination.get("namespace")


def _is_said(application: DeclaredApplication) -> bool:
    """Tell whether somebody wrote the sync options; as a default they are harmless without a namespace."""
    return bool(application.source) or "sync_options" in application.options.sync_policy.model_fields_set
