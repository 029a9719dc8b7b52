"""What the Applications of a stack say that cannot be, told before anything is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any

from components.access.app_projects import declare_app_project
from components.argocd.values import ANYWHERE, value_at
from components.projects.application import Application, Repository, stands_at
from components.projects.application_names import metadata_problems, name_problems, same_names
from components.projects.cascade import cascade_of
from components.projects.crd import crd_is_known
from components.projects.file_form import OPEN, set_problems, set_warnings
from components.projects.section import CREATE_NAMESPACE, IN_CLUSTER, IN_CLUSTER_NAME
from components.projects.shape import field_problems, shape_problems, unknown_fields
from components.projects.spec_checks import source_problems, spec_problems
from components.projects.sync_checks import sync_problems, unknown_options
from components.settings import Settings
from components.stackfile.problems import PROJECT, Key, Problem, behind_login
from components.stackfile.urls import lacks_dot_git, require_charts, require_repository_url

_ANY_NAMESPACE = "application.namespaces"
_PROJECT_OF_A_SET = ("spec", "template", "spec", "project")
_BELOW_A_KEY = 2
_RULES = (name_problems, metadata_problems, spec_problems, source_problems, sync_problems)
"""What each Application has to keep for itself, whatever else the stack file has."""


def application_problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the stack's Applications, each with its place in the stack or in its file."""
    applications = settings.applications
    found = [
        *(problem for application in applications for problem in _problems(application, settings)),
        *same_names(applications),
    ]
    of_defaults = settings.defaults.model_dump(by_alias=True, exclude_unset=True)
    # What several Applications have in common is told once: of a project's destinations, of the defaults.
    return list(dict.fromkeys(_from_defaults(problem, settings, of_defaults) for problem in found))


def _from_defaults(problem: Problem, settings: Settings, defaults: Mapping[str, Any]) -> Problem:
    """Return a project's problem as one of the defaults, if the value comes from there."""
    section, *rest = problem.path or ("",)
    if section != "projects" or len(rest) < _BELOW_A_KEY or problem.file:
        return problem
    name, *keys = rest
    own = settings.projects[str(name)].model_dump(by_alias=True, exclude_unset=True)
    said = value_at(defaults, *keys)
    is_from_there = stands_at(defaults, keys) and said == value_at(own, *keys)
    return replace(problem, path=("defaults", *keys)) if is_from_there else problem


def problems_of_sets(settings: Settings) -> list[Problem]:
    """Return what is wrong with the ApplicationSets, as far as they say it themselves."""
    found = set_problems(settings.application_sets, settings.argocd)
    for each in settings.application_sets:
        found += metadata_problems(each)
        said = [one for one in each.repositories if one.place[-1] == "repoURL" and OPEN not in one.url]
        found += _repositories(each, said, settings)
        if OPEN not in str(value_at(each.manifest, *_PROJECT_OF_A_SET)):
            found += _app_project(each, settings, _PROJECT_OF_A_SET)
    return found


def application_warnings(settings: Settings) -> list[str]:
    """Return what will not do what its author expects, though Argo CD accepts it."""
    return [
        *(warning for files in settings.manifests for warning in files.warnings),
        *(
            f"{application.called}: {what}"
            for application in settings.applications
            for what in (*_cascade(application, settings), *_without_effect(application, settings))
        ),
        *set_warnings(settings.application_sets),
    ]


def _cascade(application: Application, settings: Settings) -> Iterator[str]:
    """Tell of a finalizer that a project's own file has, unless the stack file says what it wants."""
    finalizers = application.manifest["metadata"].get("finalizers") or ()
    if application.document and cascade_of(finalizers) != "none" and not settings.defaults.says_cascade:
        yield (
            "its finalizer lets Argo CD delete the workload too, when the Application is deleted; to keep it "
            f"or to drop it, say so: {PROJECT}:defaults.cascade: {cascade_of(finalizers)}, or none"
        )


def _problems(application: Application, settings: Settings) -> list[Problem]:
    misshapen = shape_problems(application)
    fields = field_problems(application, sure=crd_is_known(settings.argocd.chart))
    others = chain(
        *(rule(application) for rule in _RULES),
        *(rule(application, settings) for rule in (_namespace, _app_project, _cluster)),
        _repositories(application, application.repositories, settings),
    )
    # Of what is not there only because it had another shape nothing more is said.
    gone = [problem.place for problem in misshapen]
    rest = [problem for problem in others if not any(_is_above(problem.place, place) for place in gone)]
    return [*misshapen, *fields, *rest]


def _is_above(place: Sequence[Key], other: Sequence[Key]) -> bool:
    """Tell whether one of two places is the other, or above it."""
    return all(key == beside for key, beside in zip(place, other, strict=False))


def _namespace(application: Application, settings: Settings) -> Iterator[Problem]:
    wanted, own = application.manifest["metadata"].get("namespace"), settings.argocd.namespace
    if wanted in {None, own}:
        return
    place = ("metadata", "namespace")
    watched = value_at(settings.argocd.values, "configs", "params", _ANY_NAMESPACE)
    if watched == ANYWHERE:
        return
    patterns = [part.strip() for part in str(watched or "").split(",") if part.strip()]
    app_project = settings.app_projects.get(application.spec.get("project") or "default")
    if not any(_fits_namespace(pattern, wanted) for pattern in patterns):
        names = ",".join([*patterns, wanted])
        values = f"    values:\n      configs:\n        params:\n          {_ANY_NAMESPACE}: {names}"
        yield application.wrong(
            place,
            f"the Application is in the namespace {wanted!r}, Argo CD in {own!r}",
            "Argo CD looks for Applications in its own namespace only"
            + (f", and in {', '.join(patterns)}" if patterns else ""),
            f"take namespace out, or allow it:\n  {PROJECT}:argocd:\n{values}"
            if app_project
            else "take namespace out; in another namespace it needs an AppProject that allows it, too",
        )
    elif app_project is None or (
        app_project.declare
        and not any(_fits_namespace(pattern, wanted) for pattern in app_project.source_namespaces or [])
    ):
        name = application.spec.get("project") or "default"
        if app_project is None and name != "default":
            return  # there is no such AppProject, which is told
        yield application.wrong(
            place,
            f"the AppProject {name!r} allows no Application in the namespace {wanted!r}",
            "Argo CD would refuse to synchronise it",
            "take namespace out, or name an AppProject that allows it"
            if app_project is None
            else f"allow it:\n  {PROJECT}:appProjects:\n    {name}:\n      sourceNamespaces: "
            f"[{', '.join([*(app_project.source_namespaces or []), wanted])}]",
        )


def _fits_namespace(pattern: str, namespace: str) -> bool:
    """Tell whether Argo CD finds `namespace` by a glob; one of Go's expressions, in slashes, it may."""
    return pattern.startswith("/") or fnmatchcase(namespace, pattern)


def _app_project(
    application: Application, settings: Settings, place: Sequence[Key] = ("spec", "project")
) -> Iterator[Problem]:
    name = value_at(application.manifest, *place)
    known = ["", "default", *settings.app_projects]  # "" is default to Argo CD
    if not isinstance(name, str) or name in known:
        return
    yield application.wrong(
        place,
        f"there is no AppProject {name!r}; known here: {', '.join(known[1:])}",
        "Argo CD refuses to synchronise the Application, and its deletion with a finalizer would hang",
        declare_app_project(name),
    )


def _cluster(application: Application, settings: Settings) -> Iterator[Problem]:
    destination = application.spec.get("destination", {})
    name, server = destination.get("name") or None, destination.get("server") or None
    servers = {IN_CLUSTER, *(cluster.server for cluster in settings.clusters.values())}
    if name in {None, IN_CLUSTER_NAME, *settings.clusters} and server in {None, *servers}:
        return
    if name and server:
        return  # which of them is meant, nobody knows
    known = ", ".join([IN_CLUSTER_NAME, *settings.clusters])
    shown = behind_login(name or server or "")
    entry = f"  {PROJECT}:clusters:\n    {shown if name else 'edge'}:\n      declare: false"
    others = (
        "if somebody else registers it, add the entry (otherwise without declare: false, and with its server "
        f"and credentials):\n{entry}" + (f"\n      server: {shown}" if server else "")
    )
    if server and server.rstrip("/") in servers:
        others = f"write {server.rstrip('/')}"
    no_url = f"write {IN_CLUSTER}, which is Argo CD's own cluster, or the URL of one in {PROJECT}:clusters"
    place = ("spec", "destination", "name" if name else "server")
    yield application.problem(
        place,
        application.keys(place[:2] if name else place),
        f"there is no cluster {shown!r}; known here: {known}",
        "Argo CD does not know where to deploy the project to",
        others if name or shown.startswith("https://") else no_url,
    )


def _repositories(
    application: Application, repositories: Iterable[Repository], settings: Settings
) -> Iterator[Problem]:
    for repository in repositories:
        url, place = repository.url, repository.place
        require = require_charts if repository.is_chart else require_repository_url
        if refused := [*application.refused(place, require)]:
            yield from refused
        elif not repository.is_chart and lacks_dot_git(url, settings.git.servers):
            yield application.wrong(place, *redirected(url))


def redirected(url: str) -> tuple[str, str, str]:
    """Return what is wrong with a repository's URL without `.git`, why it matters, and the fix."""
    return (
        f"{url} does not end in .git",
        "GitLab redirects such a URL, and Argo CD does not follow redirects",
        f"write {url.rstrip('/')}.git",
    )


def _without_effect(application: Application, settings: Settings) -> Iterator[str]:
    if not crd_is_known(settings.argocd.chart):
        yield from unknown_fields(application)
    for option in unknown_options(application):
        yield (
            f"the sync option {option!r} is none that Argo CD v3.4.4 knows; one that does not know it "
            "ignores it without a word"
        )
    policy = application.spec.get("syncPolicy", {})
    creates = CREATE_NAMESPACE in policy.get("syncOptions", [])
    named = application.spec.get("destination", {}).get("namespace")
    # As a default the option is harmless without a namespace.
    is_said = application.document or "syncOptions" in application.options.sync_policy
    if creates and not named and is_said:
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
