"""What repositories, clusters and AppProjects say of each other that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from components.access.app_projects import AS_IN_THE_CRD, AppProjectSettings, declare_app_project
from components.access.clusters import ClusterEntrySettings
from components.access.credentials import CredentialSettings
from components.access.repositories import normal_url, sends_password_in_clear
from components.argocd.rbac import policy_problem, rbac_problems
from components.checks.applications import redirected
from components.projects.application import Application
from components.projects.crd import crd_is_known, misfits
from components.projects.section import IN_CLUSTER_NAME
from components.projects.shape import WORDS
from components.settings import Settings
from components.stackfile.base import reasons
from components.stackfile.object_names import (
    LONGEST_NAME,
    refused_metadata,
    require_object_name,
    suggested_name,
)
from components.stackfile.problems import PROJECT, Key, Problem, key_path, nearest
from components.stackfile.urls import lacks_dot_git, repository_host, with_host_name

_SSH = 22
_SIGNS = frozenset("*?[{")
"""With these, the name of a destination's cluster is a pattern (gobwas/glob, by which Argo CD compares)."""
Entry = TypeVar("Entry")


def access_problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the sections that give projects access, each with its place."""

    def normal(entry: CredentialSettings) -> str:
        return normal_url(with_host_name(entry.url, settings.git.hosts))

    return [
        *_same("credentialTemplates", settings.credential_templates, lambda entry: (normal(entry),)),
        *_same("repositories", settings.repositories, lambda entry: (normal(entry), entry.project or "")),
        *_same("clusters", settings.clusters, lambda entry: (entry.server.lower(),) if entry.server else ()),
        *_redirected(settings),
        *_names_of_secrets(settings),
        *_unknown_app_projects(settings),
        *_unknown_clusters(settings),
        *_policies(settings),
        *_labels(settings),
        *_specs(settings),
        *host_key_problems(settings, settings.applications),
        *rbac_problems(settings.argocd),
    ]


def access_warnings(settings: Settings) -> list[str]:
    """Return what Argo CD takes, and what is unsafe all the same."""
    sections: Mapping[str, Mapping[str, CredentialSettings]] = {
        "credentialTemplates": settings.credential_templates,
        "repositories": settings.repositories,
    }
    return [
        f"{key_path((section, name))}: the password goes to {entry.url} unencrypted, where "
        "whoever is on the way can read it. Give the Git server a certificate and write https://, or use a "
        "token that can read these repositories and nothing else"
        for section, entries in sections.items()
        for name, entry in entries.items()
        if sends_password_in_clear(entry)
    ]


def _same(
    section: str, entries: Mapping[str, Entry], identity: Callable[[Entry], tuple[str, ...]]
) -> Iterator[Problem]:
    """Yield a problem for each entry that is the same to Argo CD as an earlier one; () is never the same."""
    first: dict[tuple[str, ...], str] = {}
    key = "server" if section == "clusters" else "url"
    for name, entry in entries.items():
        same = identity(entry)
        earlier = first.setdefault(same, name) if same else name
        if earlier != name:
            yield Problem(
                (section, name, key),
                f"{earlier!r} and {name!r} have the same {key}",
                "Argo CD takes one of the two, and nobody can tell which",
                "take one of them out; Argo CD does not tell upper from lower case, nor x from x.git",
            )


def _redirected(settings: Settings) -> Iterator[Problem]:
    for name, entry in settings.repositories.items():
        url = entry.url.rstrip("/")
        named = with_host_name(url, settings.git.hosts)
        if entry.type == "git" and lacks_dot_git(named, settings.git.servers):
            yield Problem(("repositories", name, "url"), *redirected(url))


def _names_of_secrets(settings: Settings) -> Iterator[Problem]:
    """Check the keys that name Secrets; a cluster that somebody else registered may have any name."""
    for name, entry in settings.clusters.items():
        if entry.declare:
            try:
                require_object_name(name)
            except PydanticCustomError as error:
                yield Problem(("clusters", name), *reasons(error))
    for section, name, declared in settings.credentials.entries():
        room = LONGEST_NAME - len(declared.name_prefix)
        if room < len(name) <= LONGEST_NAME:
            yield Problem(
                (section, name),
                f"the key has {len(name)} characters",
                f"the Secret is called {declared.name_prefix}<key>, and Kubernetes takes at most "
                f"{LONGEST_NAME} characters",
                f"write {suggested_name(name, room)}: in place of {name!r}:",
            )


def _unknown_app_projects(settings: Settings) -> Iterator[Problem]:
    app_projects = ["default", *settings.app_projects]
    for section, entries in (("repositories", settings.repositories), ("clusters", settings.clusters)):
        for name, entry in entries.items():
            if entry.project is not None and entry.project not in app_projects:
                yield Problem(
                    (section, name, "project"),
                    f"there is no AppProject {entry.project!r}; known here: {', '.join(app_projects)}",
                    "nobody could use the entry",
                    declare_app_project(entry.project),
                )


def _unknown_clusters(settings: Settings) -> Iterator[Problem]:
    clusters = [IN_CLUSTER_NAME, *settings.clusters]
    for name, entry in settings.app_projects.items():
        for number, destination in enumerate(entry.destinations or []):
            cluster = destination.cluster
            if cluster and cluster not in clusters and cluster[0] != "!" and not _SIGNS & {*cluster}:
                yield Problem(
                    ("appProjects", name, "destinations", number, "cluster"),
                    f"there is no cluster {cluster!r}; known here: {', '.join(clusters)}",
                    "the AppProject would permit a cluster that does not exist, not the one that is meant",
                    "correct the name, or add the entry (with its server and credentials in place of "
                    "declare: false, if nobody else registers it):\n"
                    f"  {PROJECT}:clusters:\n    {cluster}:\n      declare: false",
                )


def _policies(settings: Settings) -> Iterator[Problem]:
    for name, entry in settings.app_projects.items():
        for number, role in enumerate(entry.roles or []):
            for group_number, group in enumerate(role.groups or []):
                bare = group.strip()
                if "," in bare and not (bare.startswith('"') and bare.endswith('"')):
                    yield Problem(
                        ("appProjects", name, "roles", number, "groups", group_number),
                        f"the group {group!r} has a comma and no quotes around it",
                        "Argo CD would read several names, refuse the AppProject's whole policy for it, and "
                        "give nobody any of its rights",
                        f"write '\"{bare}\"'",
                    )
            for line_number, line in enumerate(role.policies or []):
                if wrong := policy_problem(line, name, role.name):
                    yield Problem(
                        ("appProjects", name, "roles", number, "policies", line_number),
                        wrong[0],
                        "Argo CD would refuse the AppProject as a whole, or ignore the line",
                        wrong[1],
                    )


def _labels(settings: Settings) -> Iterator[Problem]:
    """Check what Kubernetes refuses of the labels and annotations of AppProjects and clusters."""
    sections: Mapping[str, Mapping[str, AppProjectSettings | ClusterEntrySettings]] = {
        "appProjects": settings.app_projects,
        "clusters": settings.clusters,
    }
    for section, entries in sections.items():
        for name, entry in entries.items():
            metadata = {"labels": entry.labels, "annotations": entry.annotations}
            for key, refused in refused_metadata(metadata):
                yield Problem((section, name, key, refused.key), refused.what, refused.why, refused.fix)


def _specs(settings: Settings) -> Iterator[Problem]:
    """Check AppProjects against Argo CD's CRD: their raw `spec`, and the keys that are the CRD's own."""
    sure = crd_is_known(settings.argocd.chart)
    for name, entry in settings.app_projects.items():
        keys = entry.model_dump(by_alias=True, exclude_none=True, include=AS_IN_THE_CRD)
        for key, spec in (("", keys), ("spec", entry.spec)):
            yield from _of_spec(("appProjects", name, *filter(None, [key])), spec, sure=sure)


def _of_spec(above: tuple[Key, ...], spec: Mapping[str, Any], *, sure: bool) -> Iterator[Problem]:
    for misfit in misfits("AppProject", {"spec": spec}):
        place = (*above, *misfit.place[1:])
        if misfit.is_unknown and (sure or misfit.meant):
            yield Problem(
                place,
                f"there is no field {misfit.place[-1]!r} in an AppProject here",
                "Kubernetes would refuse the AppProject, or drop the field without a word",
                nearest(str(misfit.place[-1]), misfit.expected),
            )
        elif misfit.rule == "required":
            key = misfit.place[-1]
            yield Problem(place[:-1], f"{key} is missing here", "Argo CD needs it", f"add {key}:")
        elif misfit.rule == "type":
            yield Problem(
                place,
                f"{WORDS[misfit.expected]} is expected here",
                "Kubernetes would refuse the AppProject",
                f"write {WORDS[misfit.expected]}",
            )


def host_key_problems(settings: Settings, applications: Sequence[Application]) -> Iterator[Problem]:
    """Yield a problem for the first SSH server whose host key is for another port than a repository uses."""
    lines = settings.argocd.ssh_known_hosts
    names = [(name, number) for number, line in enumerate(lines) for name in _names(line)]
    for host, port, url in _servers(settings, applications):
        address = host if port == _SSH else f"[{host}]:{port}"
        is_known = any(name.startswith("|") or fnmatchcase(address, _pattern(name)) for name, _ in names)
        others = [(name, number) for name, number in names if _bare(name) == host]
        if others and not is_known:
            name, number = others[0]
            asks = f"port {port}" if port != _SSH else "the usual port"
            yield Problem(
                ("argocd", "sshKnownHosts", number),
                f"the host key is for {name}, and {url} asks {asks}",
                "SSH looks a key up by host and port together, so that Argo CD would refuse the server",
                f'write "{lines[number].replace(",".join(_names(lines[number])), address, 1)}"',
            )
            return


def _servers(settings: Settings, applications: Sequence[Application]) -> Iterator[tuple[str, int, str]]:
    """Yield host, port and URL of everything that is reached by SSH."""
    urls = [repository.url for application in applications for repository in application.repositories]
    for url in dict.fromkeys([*urls, *(entry.url for entry in settings.repositories.values())]):
        host = repository_host(url)
        is_short = "://" not in url and "@" in url
        try:
            port = None if is_short else urlsplit(url).port
        except ValueError:  # not a port
            continue
        if host and (is_short or url.lower().startswith("ssh://")):
            yield host, port or _SSH, url


def _names(line: str) -> list[str]:
    """Return what a line of a known_hosts file is for, behind a marker; nothing for a key that is revoked."""
    words = line.split()
    if words[0] == "@revoked":
        return []
    return words[line.startswith("@")].split(",")


def _bare(name: str) -> str:
    return name.partition("]")[0].removeprefix("[").lower()


def _pattern(name: str) -> str:
    """Return a name so that its brackets are compared as they are."""
    return name.lower().replace("[", "[[]")
