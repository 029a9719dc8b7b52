"""What AppProjects let their Applications use: Argo CD refuses any other repository and destination.

Source: Argo CD v3.4.4, `v1alpha1/app_project_types.go` (IsSourcePermitted, isDestinationMatched). What
depends on something that the stack does not know is taken as permitted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.access.app_projects import AppProjectSettings, app_project_manifests
from components.access.repositories import normal_url
from components.argocd.values import value_at
from components.projects.application import Application
from components.projects.crd import misfits
from components.projects.section import IN_CLUSTER, IN_CLUSTER_NAME
from components.settings import Settings
from components.stackfile.base import PROJECT
from components.stackfile.problems import Problem, key_path
from components.stackfile.urls import UNKNOWN_HOST

_WHY = "Argo CD would neither compare nor synchronise the Application"
_ANY, _IN_A_PATH = ".*", "[^/]*"
"""What `*` stands for; `**` stands for anything."""
_BEYOND = re.compile(r"[?\[\]{}\\]")
"""The signs of a pattern that are not read here."""


def permission_problems(settings: Settings) -> list[Problem]:
    """Return a problem for each repository and destination that its AppProject does not permit."""
    if value_at(settings.argocd.values, "configs", "cm", "globalProjects"):
        return []  # they permit more
    entries, hosts = settings.app_projects, settings.git.hosts
    specs = {
        each["metadata"]["name"]: each["spec"]
        for each in app_project_manifests(entries, settings.applications, hosts, settings.argocd.namespace)
        if all(misfit.rule == "additionalProperties" for misfit in misfits("AppProject", each))
    }
    members = [(each, str(each.spec.get("project"))) for each in settings.applications]
    found = [
        problem
        for application, name in members
        if name in specs
        for problem in (
            *_sources(application, name, entries[name], specs[name]),
            *_destination(application, name, settings, specs[name]),
        )
    ]
    return list(dict.fromkeys(found))  # a repository that several destinations have in common is told once


def _sources(
    application: Application, name: str, entry: AppProjectSettings, spec: Mapping[str, Any]
) -> Iterator[Problem]:
    if entry.source_repos is None and "sourceRepos" not in entry.spec:
        return  # it has what its Applications use
    for repository in application.repositories:
        is_known = repository.host != UNKNOWN_HOST
        if is_known and not _permits_source(spec.get("sourceRepos") or [], repository.url):
            yield application.wrong(
                repository.place,
                f"the AppProject {name!r} does not permit the repository {repository.url}",
                _WHY,
                _permit(name, entry, "sourceRepos", [*(entry.source_repos or []), repository.url]),
            )


def _destination(
    application: Application, name: str, settings: Settings, spec: Mapping[str, Any]
) -> Iterator[Problem]:
    entry, to = settings.app_projects[name], application.spec.get("destination", {})
    if bool(to.get("name")) == bool(to.get("server")):
        return  # told already
    cluster, server = _cluster(to, settings)
    what = f"the AppProject {name!r} does not permit the cluster {cluster or server}"
    own = settings.clusters.get(cluster or "")
    if entry.destinations is not None or "destinations" in entry.spec:
        namespace = to.get("namespace") or ""
        if not _permits_destination(spec.get("destinations") or [], (cluster, server), namespace):
            place = {} if server == IN_CLUSTER else {"cluster": cluster} if cluster else {"server": server}
            said = [each.model_dump(exclude_none=True) for each in entry.destinations or []]
            yield application.wrong(
                ("spec", "destination"),
                f"{what} with {f'the namespace {namespace!r}' if namespace else 'no namespace'}",
                _WHY,
                _permit(name, entry, "destinations", [*said, {**place, "namespace": namespace or "*"}]),
            )
            return
    if spec.get("permitOnlyProjectScopedClusters") and (
        server == IN_CLUSTER or (own and own.declare and own.project != name)
    ):
        here = f"add project: {name} below {key_path(('clusters', cluster or ''))}, or " if own else ""
        yield application.wrong(
            ("spec", "destination"),
            f"{what}, which is none of its own",
            _WHY,
            f"{here}take permitOnlyProjectScopedClusters out of {key_path(('appProjects', name))}",
        )


def _permit(name: str, entry: AppProjectSettings, key: str, values: list[Any]) -> str:
    """Return what lets the AppProject permit `values`."""
    if key in entry.spec:
        return f"permit it in {key_path(('appProjects', name, 'spec', key))}, or name another AppProject"
    return (
        "name another AppProject, or permit it, if no line with ! in front denies it:\n"
        f"  {PROJECT}:appProjects:\n    {name}:\n      {key}: {json.dumps(values)}"
    )


def _cluster(to: Mapping[str, Any], settings: Settings) -> tuple[str | None, str | None]:
    """Return name and server of the cluster of a destination, as far as the stack knows them."""
    known = {name: entry.server for name, entry in settings.clusters.items()} | {IN_CLUSTER_NAME: IN_CLUSTER}
    if name := to.get("name"):
        return name, known.get(name)
    server = to["server"]
    return next((name for name, url in known.items() if url == server), None), server


def _permits_source(patterns: Iterable[str], url: str) -> bool:
    permitted = False
    for pattern in patterns:
        denies, bare = pattern.startswith("!"), pattern.removeprefix("!")
        fits = _fits(normal_url(bare), normal_url(url), _IN_A_PATH) if bare != "*" or denies else True
        if fits is None:
            return True
        if fits and denies:
            return False
        permitted = permitted or fits != denies
    return permitted


def _permits_destination(
    items: Iterable[Mapping[str, str]], cluster: tuple[str | None, str | None], namespace: str
) -> bool:
    permitted = False
    for item in items:
        patterns = [item.get(key, "") for key in ("name", "server", "namespace")]
        denies = [pattern.startswith("!") for pattern in patterns]
        fits = [
            _fits(pattern.removeprefix("!"), text, _ANY)
            for pattern, text in zip(patterns, (*cluster, namespace), strict=True)
        ]
        if None in fits:
            return True
        by_name, by_server, there = (one != no for one, no in zip(fits, denies, strict=True))
        if (by_name or by_server) and there:
            permitted = True
        elif (
            (denies[0] and not by_name)
            or (denies[1] and not by_server and there)
            or (denies[2] and not there and by_server)
        ):
            return False
    return permitted


def _fits(pattern: str, text: str | None, star: str) -> bool | None:
    """Tell whether `text` fits a pattern; None if that is not known."""
    if not pattern:
        return not text and text is not None
    if text is None or _BEYOND.search(pattern):
        return None
    parts = [star.join(map(re.escape, part.split("*"))) for part in pattern.split("**")]
    return re.fullmatch(_ANY.join(parts), text, re.DOTALL) is not None
