"""What the Applications of a stack say that cannot be, told before anything is declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from components.projects.declared import DeclaredApplication, declared_applications
from components.settings import Problem, Settings
from components.settings.base import PROJECT
from components.settings.projects import IN_CLUSTER, IN_CLUSTER_NAME
from components.settings.urls import lacks_dot_git, repository_host, require_repository_url

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
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
        yield from _repository(application, repository.url, repository.place, settings)


def _name(application: DeclaredApplication) -> Iterator[Problem]:
    name = application.name
    if _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return
    what = f"{name!r} is no name for an Application" if name else "the Application has no name"
    if len(name) > _LONGEST:
        what = f"the Application's name {name!r} has {len(name)} characters"
    why = (
        f"Kubernetes takes at most {_LONGEST} lower-case letters, digits, '-' and '.', with a letter or "
        "digit at both ends, since Argo CD labels the project's objects with it"
    )
    suggestion = re.sub(r"[^a-z0-9.]+", "-", name.lower())[:_LONGEST].strip("-.") or "docserver"
    key = ".".join([f"{PROJECT}:{application.path[0]}", str(application.path[1]), "application"])
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
    keys = (
        ["destinations"]
        if application.path[0] == "projects" and name and _several(application, settings)
        else ["destination"]
    )
    yield application.problem(
        ["spec", "destination"],
        keys,
        f"there is no cluster {unknown!r}; known here: {known}",
        "Argo CD does not know where to deploy the project to",
        f"register it: {PROJECT}:clusters.<name> with its server and credentials (or with declare: false, "
        "if somebody else registers it)",
    )


def _several(application: DeclaredApplication, settings: Settings) -> bool:
    return bool(settings.projects[str(application.path[1])].destinations)


def _repository(
    application: DeclaredApplication, url: str, place: tuple[str | int, ...], settings: Settings
) -> Iterator[Problem]:
    is_chart = bool(_at(application.manifest, place[:-1]).get("chart"))
    if is_chart and "://" not in url:
        return  # an OCI registry is named without a scheme
    try:
        require_repository_url(url)
    except PydanticCustomError as error:
        told = error.context or {}
        yield application.problem(
            place, ["repository"], error.message(), str(told.get("why", "")), str(told.get("fix", ""))
        )
        return
    if not is_chart and lacks_dot_git(url, repository_host(settings.git.base_url)):
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
    return Problem(application.path, "", "", "").where


def _wants_a_namespace_without_name(application: DeclaredApplication) -> bool:
    policy = application.spec.get("syncPolicy")
    wanted = isinstance(policy, Mapping) and _CREATE_NAMESPACE in (policy.get("syncOptions") or [])
    destination = application.spec.get("destination") or {}
    return wanted and _is_said(application) and not destination.get("namespace")


def _is_said(application: DeclaredApplication) -> bool:
    """Tell whether somebody wrote the sync options; as a default they are harmless without a namespace."""
    return bool(application.source) or "sync_options" in application.options.sync_policy.model_fields_set


def _at(manifest: Mapping[str, Any], place: tuple[str | int, ...]) -> Mapping[str, Any]:
    found: Any = manifest
    for key in place:
        found = found[key]
    return found if isinstance(found, Mapping) else {}
