"""The short form: a project of the stack file and what it becomes, one Application or several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.projects.application import API_VERSION, Application
from components.projects.cascade import FINALIZERS
from components.projects.crd import typed
from components.projects.git import GitSettings
from components.projects.section import (
    CREATE_NAMESPACE,
    IN_CLUSTER,
    TOOLS,
    DestinationSettings,
    ProjectSettings,
    Rendering,
)
from components.stackfile.merging import deep_merge
from components.stackfile.urls import with_host_name

_NOTIFY = "notifications.argoproj.io/subscribe."


@dataclass(frozen=True)
class _Target:
    """What the Applications of a project do not have in common."""

    key: str | None
    name: str
    destination: Mapping[str, str]
    revision: str
    path: str


def of_projects(
    projects: Mapping[str, ProjectSettings], git: GitSettings, namespace: str
) -> Iterator[Application]:
    """Yield the Application of each project, or one for each of its destinations."""
    for project, settings in projects.items():
        for target in _targets(project, settings):
            metadata = {"name": target.name, "namespace": namespace, **_metadata(settings)}
            spec = deep_merge(_spec(project, settings, git, target), settings.spec)
            fitting, misfits = typed("Application", {"metadata": metadata, "spec": spec})
            manifest = {"apiVersion": API_VERSION, "kind": "Application", **fitting}
            yield Application(manifest, ("projects", project), settings, target=target.key, misfits=misfits)


def _targets(project: str, settings: ProjectSettings) -> Iterator[_Target]:
    name = settings.application or f"argo-{project}"
    revision, path, common = settings.revision or "", settings.path or "", settings.destination
    if not settings.destinations:
        yield _Target(None, name, _destination(common, {"server": IN_CLUSTER}), revision, path)
        return
    namespace = {"namespace": common.namespace} if common.namespace else {}
    for key, own in settings.destinations.items():
        destination = {**namespace, **_destination(own, {"name": key})}
        yield _Target(key, f"{name}-{key}", destination, own.revision or revision, own.path or path)


def _destination(settings: DestinationSettings, otherwise: Mapping[str, str]) -> dict[str, str]:
    """Return where to deploy to; `otherwise` is the cluster if it names none."""
    fields = {"server": settings.server, "name": settings.name, "namespace": settings.namespace}
    named = {key: value for key, value in fields.items() if value}
    return named if settings.server or settings.name else {**otherwise, **named}


def _metadata(settings: ProjectSettings) -> dict[str, Any]:
    subscriptions = {_NOTIFY + key: value for key, value in settings.notifications.items()}
    fields = {
        "labels": dict(settings.labels),
        "annotations": {**settings.annotations, **subscriptions},
        "finalizers": list(FINALIZERS[settings.cascade]),
    }
    return {key: value for key, value in fields.items() if value}


def _spec(project: str, settings: ProjectSettings, git: GitSettings, target: _Target) -> dict[str, Any]:
    policy = settings.sync_policy
    options = policy.get("syncOptions")
    spec = {
        "project": settings.app_project,
        **_sources(project, settings, git, target),
        "destination": target.destination,
        # The options always, since the default is not Argo CD's own.
        "syncPolicy": {**policy, "syncOptions": [CREATE_NAMESPACE] if options is None else options},
        "ignoreDifferences": settings.ignore_differences or None,
        "info": settings.info or None,
        "revisionHistoryLimit": settings.revision_history_limit,
    }
    return {key: value for key, value in spec.items() if value is not None}


def _sources(project: str, settings: ProjectSettings, git: GitSettings, target: _Target) -> dict[str, Any]:
    """Return the source, or the sources; what they leave open comes from the project, and then from `git`.

    Of a chart it does not: what `git` has for all projects is a branch and a Git server.
    """

    def source(part: Rendering, repository: str | None, revision: str | None, path: str) -> dict[str, Any]:
        url = repository or ("" if part.chart else settings.repository or git.repository(project))
        fields = {
            "repoURL": with_host_name(url, git.hosts),
            "targetRevision": revision or ("" if part.chart else target.revision or git.revision),
            "path": "" if part.chart else path,
            "chart": part.chart,
            "ref": getattr(part, "ref", None),
            "name": getattr(part, "name", None),
        }
        tools = {name: tool for name in TOOLS if (tool := getattr(part, name)) is not None}
        return {key: value for key, value in fields.items() if value} | tools

    common = target.path or git.path
    if not settings.sources:
        return {"source": source(settings, settings.repository, target.revision, common)}
    return {
        "sources": [
            source(part, part.repository, part.revision, part.path or ("" if part.ref else common))
            for part in settings.sources
        ]
    }
