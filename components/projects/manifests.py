"""Argo CD's objects for the projects, as data: settings in, manifest out."""

from __future__ import annotations

from typing import Any

from components.settings import GitSettings, ProjectSettings, Settings, application_name
from components.settings.urls import repository_host

API_VERSION = "argoproj.io/v1alpha1"


def repository_url(project: str, settings: ProjectSettings, git: GitSettings) -> str:
    """Return the URL that Argo CD clones: the project's own, or `<baseUrl>/<group>/<project>.git`.

    The `.git` is needed: GitLab redirects without it, and Argo CD does not follow (argo-cd#2640).
    """
    if settings.repository:
        return settings.repository
    return "/".join(part for part in (git.base_url, git.group, f"{project}.git") if part)


def application_manifest(
    project: str, settings: ProjectSettings, git: GitSettings, namespace: str
) -> dict[str, Any]:
    """Return the Application of one project.

    No finalizer: deleting the declaration must not delete the workload.
    """
    return {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": {"name": application_name(project, settings), "namespace": namespace},
        "spec": {
            "project": settings.app_project,
            "source": {
                "repoURL": repository_url(project, settings, git),
                "targetRevision": settings.revision or git.revision,
                "path": settings.path or git.path,
            },
            "destination": settings.destination.model_dump(by_alias=True, exclude_none=True),
            "syncPolicy": settings.sync_policy.model_dump(by_alias=True, exclude_none=True),
        },
    }


def application_manifests(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return project name → Application manifest, in the order of the stack file."""
    namespace = settings.argocd.namespace
    return {
        project: application_manifest(project, own, settings.git, namespace)
        for project, own in settings.projects.items()
    }


def repository_urls(settings: Settings) -> dict[str, str]:
    """Return project name → URL of its repository."""
    return {project: repository_url(project, own, settings.git) for project, own in settings.projects.items()}


def repository_hosts(settings: Settings) -> dict[str, str]:
    """Return project name → host of its repository, which is what has to resolve in the cluster."""
    return {project: repository_host(url) for project, url in repository_urls(settings).items()}
