"""Whether an AppProject of this stack permits what its Applications use, as Argo CD will ask.

Source: Argo CD v3.1.9, `v1alpha1/app_project_types.go`, IsSourcePermitted and IsDestinationPermitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from components.access.app_project_manifests import app_project_manifests
from components.access.repositories import normal_url
from components.projects.declared import DeclaredApplication
from components.projects.section import IN_CLUSTER, IN_CLUSTER_NAME
from components.projects.shape import shape_problems
from components.settings import Settings
from components.stackfile.base import PROJECT

_OTHER_GLOBS = frozenset("[]{}\\%")
"""What makes a pattern too clever to be judged here: classes, alternatives, escapes."""


def not_permitted(settings: Settings, applications: Sequence[DeclaredApplication]) -> list[str]:
    """Return a warning for each Application that uses what its AppProject does not permit.

    None is an error: an administrator may permit more by Argo CD's global AppProjects.
    """
    if not settings.app_projects:
        return []
    judged = [application for application in applications if not shape_problems(application)]
    permits = {
        manifest["metadata"]["name"]: manifest["spec"]
        for manifest in app_project_manifests(
            settings.app_projects, judged, settings.git.hosts, settings.argocd.namespace
        )
    }
    return [
        f"{application.called}: {what}"
        for application in judged
        if (spec := permits.get(application.spec.get("project")))
        for what in _refused(application, spec, settings)
    ]


def _refused(application: DeclaredApplication, spec: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    app_project = application.spec["project"]
    why = "Argo CD would not synchronise the Application"
    patterns = _texts(spec.get("sourceRepos"))
    for repository in application.repositories:
        if patterns is not None and not permits_repository(patterns, repository.url):
            yield (
                f"the AppProject {app_project!r} does not permit the repository {repository.url}, so that "
                f"{why}. Add it to {PROJECT}:appProjects.{app_project}.sourceRepos, where * stands for any "
                "text without /, and ** for any text"
            )
    destination, permitted = application.spec.get("destination") or {}, spec.get("destinations")
    if isinstance(permitted, list) and not _permits_destination(permitted, destination, settings):
        cluster = destination.get("name") or destination.get("server")
        namespace = destination.get("namespace")
        place = f"the namespace {namespace!r}" if namespace else "a destination without namespace"
        yield (
            f"the AppProject {app_project!r} does not permit {place} in {cluster}, so that {why}. Add it to "
            f"{PROJECT}:appProjects.{app_project}.destinations"
        )


def permits_repository(patterns: Sequence[str], url: str) -> bool:
    """Tell whether `sourceRepos` permit the repository, in doubt that they do.

    To Argo CD a denial, with `!` in front, allows everything else, too.
    """
    if any(not _OTHER_GLOBS.isdisjoint(pattern) for pattern in patterns):
        return True
    denied = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    allowed = [pattern for pattern in patterns if not pattern.startswith("!")]
    return not any(_fits(pattern, url) for pattern in denied) and (
        bool(denied) or "*" in allowed or any(_fits(pattern, url) for pattern in allowed)
    )


def _fits(pattern: str, url: str) -> bool:
    """Tell whether a glob fits a whole URL; `*` and `?` do not stand for `/`, `**` does."""
    regex = re.escape(normal_url(pattern))
    for glob, meant in ((r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "[^/]")):
        regex = regex.replace(glob, meant)
    return re.fullmatch(regex, normal_url(url)) is not None


def _permits_destination(
    permitted: Sequence[Any], destination: Mapping[str, str], settings: Settings
) -> bool:
    """Tell whether `destinations` permit one, in doubt that they do."""
    name, server = destination.get("name") or "", destination.get("server") or ""
    known = {IN_CLUSTER_NAME: IN_CLUSTER, **{key: entry.server for key, entry in settings.clusters.items()}}
    name = name or next((key for key, found in known.items() if found == server), "")
    server = server or known.get(name) or ""
    wanted = {"name": name, "server": server, "namespace": destination.get("namespace") or ""}
    if not (name and server) or not all(map(_is_plain, permitted)):
        return True  # only Argo CD knows the cluster by both, or what is permitted is the raw spec's own
    allowed = False
    for entry in permitted:
        fits = {key: _matches(entry.get(key, ""), text) for key, text in wanted.items()}
        denied = {key for key in wanted if entry.get(key, "").startswith("!") and not fits[key]}
        if fits["namespace"] and (fits["name"] or fits["server"]):
            allowed = True
        elif (
            "name" in denied
            or ("server" in denied and fits["namespace"])
            or ("namespace" in denied and fits["server"])
        ):
            return False
    return allowed


def _is_plain(permitted: Any) -> bool:
    return isinstance(permitted, Mapping) and all(
        isinstance(text, str) and _OTHER_GLOBS.isdisjoint(text) for text in permitted.values()
    )


def _matches(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern.removeprefix("!")) != pattern.startswith("!")


def _texts(value: Any) -> list[str] | None:
    """Return `value`, if it is a list of texts; a raw `spec` may say anything."""
    return value if isinstance(value, list) and all(isinstance(item, str) for item in value) else None
