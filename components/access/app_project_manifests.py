"""Argo CD's AppProjects, as data: settings in, manifest out. Source: AppProject CRD of Argo CD v3.4.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from components.access.app_projects import AppProjectSettings, PermittedDestinationSettings
from components.projects.crd import without_nulls
from components.projects.declared import DeclaredApplication
from components.projects.manifests import API_VERSION
from components.projects.section import IN_CLUSTER, IN_CLUSTER_NAME
from components.stackfile.base import PROJECT
from components.stackfile.merging import deep_merge
from components.stackfile.urls import with_host_name

T = TypeVar("T")

_NOT_IN_SPEC = {"declare", "adopt", "drop", "labels", "annotations", "spec", "source_repos", "destinations"}


def app_project_manifests(
    app_projects: Mapping[str, AppProjectSettings],
    applications: Sequence[DeclaredApplication],
    hosts: Mapping[str, str],
    namespace: str,
) -> list[dict[str, Any]]:
    """Return the AppProjects that this stack declares, in the order of the stack file.

    Args:
        app_projects: the section.
        applications: all Applications of the stack.
        hosts: the address of a Git server → the name that stands for it.
        namespace: Argo CD's.
    """
    return [
        app_project_manifest(name, _named(entry, hosts), namespace, *_in_use(name, applications))
        for name, entry in app_projects.items()
        if entry.declare
    ]


def _named(settings: AppProjectSettings, hosts: Mapping[str, str]) -> AppProjectSettings:
    """Return an AppProject that permits hosts by the names by which the Applications have them."""
    if settings.source_repos is None:
        return settings
    parted = [("!" * repo.startswith("!"), repo.removeprefix("!")) for repo in settings.source_repos]
    return settings.model_copy(
        update={"source_repos": [denial + with_host_name(repo, hosts) for denial, repo in parted]}
    )


def _in_use(
    app_project: str, applications: Iterable[DeclaredApplication]
) -> tuple[list[str], list[Mapping[str, str]]]:
    members = [application for application in applications if application.spec.get("project") == app_project]
    return (
        [repository.url for application in members for repository in application.repositories],
        [application.spec["destination"] for application in members if application.spec.get("destination")],
    )


def app_project_manifest(
    name: str,
    settings: AppProjectSettings,
    namespace: str,
    repositories: Sequence[str],
    destinations: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """Return one AppProject. It permits its projects what they use, where the settings say nothing else.

    The tokens of its roles (`jwtTokens`) are left out: the API server writes them.

    Args:
        name: the AppProject's name.
        settings: what the stack file says of it.
        namespace: Argo CD's namespace.
        repositories: the repositories of the projects that belong to it.
        destinations: their destinations, as they stand in Applications.
    """
    permitted = (
        _permitted(destinations, namespace)
        if settings.destinations is None
        else [_destination(destination) for destination in settings.destinations]
    )
    spec = {
        "sourceRepos": _once(repositories) if settings.source_repos is None else list(settings.source_repos),
        "destinations": permitted,
        **settings.model_dump(by_alias=True, exclude_none=True, exclude=_NOT_IN_SPEC),
    }
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    metadata |= {key: dict(value) for key in ("labels", "annotations") if (value := getattr(settings, key))}
    return {
        "apiVersion": API_VERSION,
        "kind": "AppProject",
        "metadata": metadata,
        "spec": without_nulls("AppProject", deep_merge(spec, settings.spec)),
    }


def _destination(settings: PermittedDestinationSettings) -> dict[str, str]:
    if settings.server:
        return {"server": settings.server, "namespace": settings.namespace}
    cluster = settings.cluster or IN_CLUSTER_NAME
    return {**_cluster({"name": cluster}), "namespace": settings.namespace}


def _cluster(destination: Mapping[str, str]) -> dict[str, str]:
    """Return the cluster in a destination; Argo CD's own by its server, since denials need it so."""
    name = destination.get("name", IN_CLUSTER_NAME)
    if "server" in destination or name == IN_CLUSTER_NAME:
        return {"server": destination.get("server", IN_CLUSTER)}
    return {"name": name}


def _permitted(destinations: Iterable[Mapping[str, str]], argocd_namespace: str) -> list[dict[str, str]]:
    """Return what permits `destinations`: for one without namespace, any but Argo CD's own.

    Who may deploy to Argo CD's namespace is its administrator (Argo CD docs,
    operator-manual/declarative-setup.md), so that a project has to name it to get it.
    """
    permitted = _once(
        {**_cluster(destination), "namespace": destination.get("namespace") or "*"}
        for destination in destinations
    )
    anywhere = {"server": IN_CLUSTER, "namespace": "*"} in permitted
    named = {"server": IN_CLUSTER, "namespace": argocd_namespace} in permitted
    denied = [{"server": IN_CLUSTER, "namespace": f"!{argocd_namespace}"}] if anywhere and not named else []
    return permitted + denied


def _once(items: Iterable[T]) -> list[T]:
    """Return `items` without repetitions, in their order."""
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def declare_app_project(name: str) -> str:
    """Return what makes the AppProject `name` known to the stack."""
    return (
        "correct the name, or add the entry (with declare: false in it, if somebody else declares it):\n"
        f"  {PROJECT}:appProjects:\n    {name}: {{}}"
    )
