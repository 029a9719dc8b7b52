"""Ask GitLab which projects of a group there are; an answer that is not whole is none.

Where the answer were taken for less than there is, the next `up` would delete the Applications of the rest,
as ApplicationSets have done (argo-cd#11464, #14318).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

import gitlab
from gitlab.exceptions import GitlabError, GitlabHttpError
from requests.exceptions import SSLError, TooManyRedirects

from components.cluster.errors import ClusterError
from components.projects.discover import DiscoverSettings, Discovery, Found
from components.projects.git import GitSettings
from components.projects.gitlab_session import AT_A_TIME, SECONDS, TOKEN, GitLabSession, last_cause
from components.projects.manifest_files import LARGEST
from components.stackfile.problems import PROJECT, set_secret

_SECTION = f"{PROJECT}:discover"
_MEND = f"correct the file in Git, or exclude the project in {_SECTION}.exclude"
_NOT_THERE = ("404 Tree Not Found", "invalid revision or path", "404 File Not Found", "404 Commit Not Found")
"""What GitLab says, in different versions, where a revision or a path is missing, and no more is wrong."""
_WHY = "without GitLab's whole answer, projects would be missing, and `up` would delete their Applications"
_NOT_FOUND = 404


class DiscoveryError(ClusterError):
    """GitLab cannot be asked, has refused, or has not answered all; nothing is declared then."""


def discover(settings: DiscoverSettings, git: GitSettings) -> Discovery:
    """Return the projects of the group that have the folder on the revision.

    Raises:
        DiscoveryError: GitLab cannot be asked, refuses, or has not answered all.
    """
    url = (settings.url or git.base_url).rstrip("/")
    asked = _Asked(settings, git, url)
    try:
        projects = asked.projects()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            found = [project for project in pool.map(asked.judged, projects) if project]
    except (GitlabError, OSError, LookupError, TypeError, AttributeError, ValueError) as error:
        raise _told(error, settings, url) from None
    return Discovery(len(projects), tuple(sorted(found, key=lambda project: project.path)))


class _Asked:
    """GitLab, asked for one section of the stack file."""

    def __init__(self, settings: DiscoverSettings, git: GitSettings, url: str) -> None:
        self._settings = settings
        self._having = settings.having or git.path
        self._revision = settings.revision or git.revision
        self._gitlab = gitlab.Gitlab(
            url,
            private_token=next(iter(_tokens(settings)), None),
            ssl_verify=settings.ca_file or True,
            timeout=SECONDS,
            per_page=100,
            keep_base_url=True,  # GitLab's external_url need not be the URL that this machine uses
            session=GitLabSession(),
        )

    def projects(self) -> list[Mapping[str, Any]]:
        """Return the group's projects that are to be looked at.

        Raises:
            LookupError: the list is not whole: somebody has made or deleted a project meanwhile.
        """
        path = f"/groups/{quote(self._settings.group, safe='')}/projects"
        options = {
            "include_subgroups": "true",
            "archived": "false",
            "with_shared": "false",
            "per_page": "100",
        }
        listed = self._gitlab.http_list(path, options, iterator=True)
        total = getattr(listed, "total", None)
        projects = {int(project["id"]): project for project in listed}
        if total is not None and len(projects) != total:
            raise LookupError(f"it has named {len(projects)} of {total} projects")
        return [
            project
            for project in projects.values()
            if not self._is_excluded(str(project["path_with_namespace"]))
        ]

    def judged(self, project: Mapping[str, Any]) -> Found | None:
        """Return a project with its own Application file, or None if it does not have what it must have."""
        path = str(project["path_with_namespace"])
        if project.get("empty_repo") or project.get("repository_access_level") == "disabled":
            return None
        repository = f"/projects/{int(project['id'])}/repository"
        options = {"ref": self._revision, "path": self._having, "per_page": "1"}
        if not self._there(f"{repository}/tree", options):
            return None
        if file := self._settings.application:
            options = {"ref": self._revision}
            answer = self._there(f"{repository}/files/{quote(file, safe='')}/raw", options, raw=True)
            if answer is not None:
                if len(answer.content) > LARGEST:
                    raise LookupError(f"{path}: {file} is larger than 1 MB", _MEND)
                try:
                    return Found(path, answer.content.decode("utf-8-sig"))
                except UnicodeDecodeError as error:
                    what = f"{path}: {file} is not UTF-8 at byte {error.start}"
                    raise LookupError(what, _MEND) from None
        return Found(path)

    def _there(self, path: str, options: Mapping[str, str], *, raw: bool = False) -> Any:
        """Return GitLab's answer, None where it says that revision or path are not there."""
        try:
            return self._gitlab.http_get(path, dict(options), raw=raw)
        except GitlabHttpError as error:
            said = str(error.error_message)
            if error.response_code == _NOT_FOUND and any(words in said for words in _NOT_THERE):
                return None
            raise

    def _is_excluded(self, path: str) -> bool:
        below = path.removeprefix(f"{self._settings.group}/")
        return any(fnmatchcase(below, pattern) for pattern in self._settings.exclude)


def _told(error: Exception, settings: DiscoverSettings, url: str) -> DiscoveryError:
    host, group = urlsplit(url).netloc.rpartition("@")[2], settings.group
    prints = f"see that curl {url}/api/v4/version prints JSON on this machine"
    token = (
        "make a token with the scope read_api that may see the group and its repositories (a group access "
        f"token with the role Reporter), and set the variable {TOKEN}, or run:"
        f"{set_secret(('discover', 'token'))}"
    )
    what, fix = f"{host} has not answered as GitLab does: {error}", prints
    if isinstance(error, LookupError) and not isinstance(error, KeyError):
        what = f"GitLab has not answered all of the group {group!r}: {error.args[0]}"
        fix = error.args[1] if error.args[1:] else "run it again"
    elif isinstance(error, SSLError):
        what = f"the certificate of {host} is not trusted: {last_cause(error)}"
        fix = f"name the authority's certificate in {_SECTION}.caFile"
    elif isinstance(error, TooManyRedirects):
        what = f"{host} sends on to {error}; it is not followed, since the token would go along"
        fix = f"write that address into {_SECTION}.url"
    elif isinstance(error, OSError):
        what = f"GitLab at {host} cannot be asked: {last_cause(error)}"
        fix = f"{prints}; if this machine reaches it at another address, write that into {_SECTION}.url"
    elif isinstance(error, GitlabError) and error.response_code:
        words = " ".join(str(error.error_message).split())[:200]
        refused = f"({error.response_code}: {words})"
        what, fix = {
            401: (f"GitLab at {host} does not accept the token {refused}", token),
            403: (f"the token may not read all of the group {group!r} {refused}", token),
            404: (
                f"the token sees no group {group!r} at {host}, or a project of it is gone {refused}",
                f"correct {_SECTION}.group, or {token}",
            ),
        }.get(error.response_code, (f"GitLab at {host} refuses it {refused}", "mend what GitLab names"))
    return DiscoveryError(_without(what, settings), _WHY, fix)


def _without(text: str, settings: DiscoverSettings) -> str:
    """Return `text` without the token, which an answer may quote."""
    for token in _tokens(settings):
        text = text.replace(token, "[token]")
    return text


def _tokens(settings: DiscoverSettings) -> list[str]:
    """Return the stack file's token and that of the environment, as far as there are any."""
    given = settings.token.get_secret_value() if settings.token else ""
    return [token for token in (given, os.environ.get(TOKEN, "").strip()) if token]
