"""Argo CD's Applications, as data: settings in, manifest out. Source: Application CRD of Argo CD v3.4.4."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.projects.git import GitSettings
from components.projects.section import (
    CREATE_NAMESPACE,
    IN_CLUSTER,
    DestinationSettings,
    ProjectDefaults,
    ProjectSettings,
    application_name,
)
from components.projects.sources import Rendering
from components.stackfile.merging import deep_merge
from components.stackfile.urls import with_host_name

API_VERSION = "argoproj.io/v1alpha1"

FINALIZERS: Mapping[str, list[str]] = {
    "none": [],
    "foreground": ["resources-finalizer.argocd.argoproj.io"],
    "background": ["resources-finalizer.argocd.argoproj.io/background"],
}
"""Cascade → finalizers. Source: Argo CD docs user-guide/app_deletion.md."""


def cascade_of(finalizers: Collection[str]) -> str:
    """Return the cascade that an Application's finalizers are, whoever has written them."""
    ours = [one for one in finalizers if one.startswith(FINALIZERS["foreground"][0])]
    return "none" if not ours else "background" if ours == FINALIZERS["background"] else "foreground"


def without_cascade(finalizers: Iterable[str]) -> list[str]:
    """Return the finalizers that are no cascade."""
    return [one for one in finalizers if not one.startswith("resources-finalizer.")]


def repository_url(project: str, settings: ProjectSettings, git: GitSettings) -> str:
    """Return the URL that Argo CD clones: the project's own, or `<baseUrl>/<group>/<project>.git`.

    The `.git` is needed: GitLab redirects without it, and Argo CD does not follow (argo-cd#2640).
    """
    url = settings.repository or "/".join(
        part for part in (git.base_url, git.group, f"{project}.git") if part
    )
    return with_host_name(url, git.hosts)


def application_manifests(
    project: str, settings: ProjectSettings, git: GitSettings, namespace: str
) -> Iterator[dict[str, Any]]:
    """Yield the Application of a project, or one for each of its destinations."""
    for target in _targets(project, settings, git):
        spec = {
            "project": settings.app_project,
            **_sources(repository_url(project, settings, git), settings, git, target),
            "destination": target.destination,
            "syncPolicy": _sync_policy(settings.sync_policy),
        }
        listed = {"ignoreDifferences": settings.ignore_differences, "info": settings.info}
        spec |= {key: items for key, items in listed.items() if items}
        if settings.revision_history_limit is not None:
            spec["revisionHistoryLimit"] = settings.revision_history_limit
        yield {
            "apiVersion": API_VERSION,
            "kind": "Application",
            "metadata": {"name": target.application, "namespace": namespace, **_metadata(settings)},
            "spec": deep_merge(spec, settings.spec) if settings.spec else spec,
        }


@dataclass(frozen=True)
class _Target:
    """One Application of a project."""

    application: str
    destination: dict[str, str]
    revision: str
    path: str


def _targets(project: str, settings: ProjectSettings, git: GitSettings) -> Iterator[_Target]:
    name = application_name(project, settings)
    revision, path = settings.revision or git.revision, settings.path or git.path
    if not settings.destinations:
        yield _Target(name, _destination(settings.destination, {"server": IN_CLUSTER}), revision, path)
        return
    namespace = settings.destination.namespace
    for key, own in settings.destinations.items():
        destination = {**({"namespace": namespace} if namespace else {}), **_destination(own, {"name": key})}
        yield _Target(f"{name}-{key}", destination, own.revision or revision, own.path or path)


def _destination(said: DestinationSettings, otherwise: Mapping[str, str]) -> dict[str, str]:
    """Return where to deploy to; `otherwise` is the cluster if none is said."""
    fields = {"server": said.server, "name": said.name, "namespace": said.namespace}
    named = {key: value for key, value in fields.items() if value}
    return named if said.server or said.name else {**otherwise, **named}


def _metadata(settings: ProjectDefaults) -> dict[str, Any]:
    fields = {
        "labels": dict(settings.labels),
        "annotations": settings.annotations_with_subscriptions(),
        "finalizers": list(FINALIZERS[settings.cascade]),
    }
    return {key: value for key, value in fields.items() if value}


def _sources(url: str, settings: ProjectSettings, git: GitSettings, target: _Target) -> dict[str, Any]:
    if not settings.sources:
        return {"source": _source(settings, url, target.revision, target.path)}
    return {
        "sources": [
            _source(
                source,
                with_host_name(source.repository, git.hosts) if source.repository else url,
                source.revision or target.revision,
                source.path or (target.path if not source.ref else ""),
            )
            for source in settings.sources
        ]
    }


def _source(own: Rendering, url: str, revision: str, path: str) -> dict[str, Any]:
    fields = {
        "repoURL": url,
        "targetRevision": revision,
        "path": "" if own.chart else path,
        "chart": own.chart,
        "ref": getattr(own, "ref", None),
        "name": getattr(own, "name", None),
    }
    return {key: value for key, value in fields.items() if value} | own.tools()


def _sync_policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sync policy; the options always, since the default is not Argo CD's own."""
    options = policy.get("syncOptions")
    return {**policy, "syncOptions": [CREATE_NAMESPACE] if options is None else options}
