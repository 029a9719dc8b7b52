"""The connection to GitLab, as a job of its pipeline makes it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gitlab
import requests
from gitlab.exceptions import GitlabError, GitlabParsingError

from review.gitlab_errors import NEW_TOKEN, TOKEN, GitLabError, shown, told
from review.gitlab_session import REQUEST_SECONDS, PatientSession

__all__ = ["Connection", "GitLabError", "connect", "number"]

_PER_PAGE = 100  # GitLab's highest
_API = "/api/v4"
_OF_JOBS = "glcbt-"
_NEEDED = "the note on the merge request and the issue about drift are written through it"


class Connection(gitlab.Gitlab):
    """GitLab's API with the project's token.

    Args:
        url: GitLab's base URL, with its sub-path: `http://git.protobox/gitlab`.
        token: a project access token.
        ca_file: a file with the site's own CA; "" for the well-known ones.
    """

    def __init__(self, url: str, token: str, ca_file: str = "") -> None:
        self._patient = PatientSession()
        self._user_id: int | None = None
        super().__init__(
            url,
            private_token=token,
            ssl_verify=ca_file or True,
            timeout=REQUEST_SECONDS,
            keep_base_url=True,  # GitLab's external_url need not be the URL that the runner uses
            session=self._patient,
        )

    @contextmanager
    def operation(self, where: str, why: str) -> Iterator[PatientSession]:
        """Bound what happens inside in time, and tell its errors.

        Args:
            where: the object on GitLab, as in `merge request !7`.
            why: why it matters if this fails.

        Raises:
            GitLabError: GitLab cannot be asked, or refuses.
        """
        self._patient.start()
        try:
            yield self._patient
        except (GitlabError, requests.RequestException) as error:
            url = shown(self.url)
            what, fix = told(error, url)
            what = what.replace(str(self.private_token), "[token]")  # a proxy's answer may quote the request
            raise GitLabError(f"{where} (GitLab at {url})", what, why, fix) from None

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield all objects of a list, page by page.

        By page numbers: the URL in the header `Link` is the one that GitLab believes to have, which another
        host or sub-path may hide. A page may be short, or empty, though others follow: GitLab leaves out
        what the token may not see after it has cut the pages.
        """
        page = "1"
        while page:
            query_data = {**query, "page": page, "per_page": _PER_PAGE}
            response = self.http_request("get", path, query_data=query_data)
            items = _json(response)
            if not isinstance(items, list):
                raise GitlabParsingError("a list was expected")
            yield from items
            following = str(int(page) + 1) if items else ""
            page = response.headers.get("X-Next-Page", following).strip()

    def user_id(self) -> int:
        """Return the id of the user whom the token belongs to; a project access token has one of its own."""
        if self._user_id is None:
            self._user_id = self._asked_user_id()
        return self._user_id

    def _asked_user_id(self) -> int:
        user = self.http_get("/user")
        if not isinstance(user, dict) or not isinstance(user.get("id"), int):
            raise GitlabParsingError("a user was expected")
        return int(user["id"])


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise GitlabParsingError("JSON was expected") from None


def connect(environ: Mapping[str, str]) -> Connection:
    """Return a connection from the variables that GitLab gives to a job; asks nothing yet.

    Raises:
        GitLabError: a variable is missing or cannot be used.
    """
    return Connection(_url(environ), _token(environ), _ca_file(environ))


def number(environ: Mapping[str, str], name: str) -> int:
    """Return the number in a variable that GitLab sets.

    Raises:
        GitLabError: it is missing, or no number.
    """
    text = environ.get(name, "")
    if re.fullmatch("[0-9]{1,18}", text):
        return int(text)
    what = f"{text!r} is not a number" if text else "the variable is not set"
    fix = "run this in a job of a GitLab pipeline, or set the variable by hand as GitLab would"
    raise GitLabError(name, what, "it says what on GitLab is meant", fix)


def _token(environ: Mapping[str, str]) -> str:
    token = environ.get(TOKEN, "").strip()
    if not token:
        fix = (
            f"{NEW_TOKEN}. If it is there already: GitLab gives a protected variable to protected branches "
            "only, and none to the pipeline of a fork"
        )
        raise GitLabError(TOKEN, "the variable is not set", _NEEDED, fix)
    if token == environ.get("CI_JOB_TOKEN") or token.startswith(_OF_JOBS):
        raise GitLabError(TOKEN, "this is the job's own token (CI_JOB_TOKEN)", _NEEDED, NEW_TOKEN)
    if not re.fullmatch("[!-~]+", token):
        what = "the value has a space, a line break or a character that no token has"
        raise GitLabError(TOKEN, what, _NEEDED, "copy the token again, and nothing else with it")
    return token


def _url(environ: Mapping[str, str]) -> str:
    of_api = environ.get("CI_API_V4_URL", "").rstrip("/")
    url = of_api.removesuffix(_API) if of_api.endswith(_API) else environ.get("CI_SERVER_URL", "").rstrip("/")
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, an open bracket
        is_usable = False
    if is_usable:
        return url
    what = "this is not the URL of a web server" if url else "the variable is not set"
    fix = (
        "run this in a job of a GitLab pipeline, or set it by hand: CI_SERVER_URL=http://git.protobox/gitlab"
    )
    raise GitLabError("CI_SERVER_URL", what, _NEEDED, fix)


def _ca_file(environ: Mapping[str, str]) -> str:
    name = environ.get("CI_SERVER_TLS_CA_FILE", "")
    if not name:
        return ""
    try:
        Path(name).read_bytes()
        ssl.create_default_context(cafile=name)
    except OSError as error:  # ssl.SSLError is one too
        what = f"{name} is not a file of certificates in PEM form: {error.strerror or error}"
        fix = "see tls-ca-file in the runner's config.toml; GitLab makes this file from it"
        raise GitLabError(
            "CI_SERVER_TLS_CA_FILE", what, "GitLab's certificate is checked with it", fix
        ) from None
    return name
