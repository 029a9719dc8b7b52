"""GitLab, as a job of its pipeline asks it: python-gitlab, one bounded session, errors as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import gitlab
import requests
from gitlab.exceptions import GitlabError, GitlabParsingError
from requests.exceptions import RetryError, SSLError, TooManyRedirects

from components.projects.gitlab_session import SECONDS, TOKEN, GitLabSession, last_cause
from components.stackfile.problems import tell

_NEW_TOKEN = (
    "make a project access token (Settings > Access tokens) with the role Reporter and the scope api, and "
    f"store it as the masked CI/CD variable {TOKEN}. CI_JOB_TOKEN does not do: with it, GitLab lets a job "
    "read notes but not write them. GitLab gives a protected variable to protected branches only, and none "
    "to the pipeline of a fork"
)
_NEEDED = "the note on the merge request and the issue about drift are written through it"
_BY_HAND = "run this in a job of a GitLab pipeline, or set the variable by hand as GitLab would"
_LONGEST_QUOTE = 300


class GitLabError(Exception):
    """GitLab could not be asked, or has refused. `str()` is the complete message for the user."""

    def __init__(self, where: str, what: str, why: str, fix: str) -> None:
        super().__init__("\n".join([where, tell(what, why, fix)]))


def connect(environ: Mapping[str, str]) -> gitlab.Gitlab:
    """Return a connection from the variables that GitLab gives to a job; asks nothing yet.

    Raises:
        GitLabError: a variable is missing or cannot be used.
    """
    token = environ.get(TOKEN, "").strip()
    if token in {"", environ.get("CI_JOB_TOKEN")} or token.startswith("glcbt-"):
        what = "this is the job's own token (CI_JOB_TOKEN)" if token else "the variable is not set"
        raise GitLabError(TOKEN, what, _NEEDED, _NEW_TOKEN)
    if not re.fullmatch("[!-~]+", token):
        what = "the value has a space, a line break or a character that no token has"
        raise GitLabError(TOKEN, what, _NEEDED, "copy the token again, and nothing else with it")
    url = environ.get("CI_SERVER_URL", "").rstrip("/")
    if not re.match("https?://[^/]", url):
        what = "this is not the URL of a web server" if url else "the variable is not set"
        raise GitLabError("CI_SERVER_URL", what, _NEEDED, f"{_BY_HAND}: http://git.protobox/gitlab")
    return gitlab.Gitlab(
        url,
        private_token=token,
        ssl_verify=environ.get("CI_SERVER_TLS_CA_FILE") or True,
        timeout=SECONDS,
        per_page=100,
        keep_base_url=True,  # GitLab's external_url need not be the URL that the runner uses
        session=GitLabSession(),
    )


def number(environ: Mapping[str, str], name: str) -> int:
    """Return the number in a variable that GitLab sets.

    Raises:
        GitLabError: it is missing, or no number.
    """
    if not re.fullmatch("[0-9]{1,18}", text := environ.get(name, "")):
        what = f"{text!r} is not a number" if text else "the variable is not set"
        raise GitLabError(name, what, "it says what on GitLab is meant", _BY_HAND)
    return int(text)


@contextmanager
def asking(connection: gitlab.Gitlab, where: str, why: str) -> Iterator[None]:
    """Tell the errors of what is asked inside: `where` is the object on GitLab, `why` why it matters.

    Raises:
        GitLabError: GitLab cannot be asked, or refuses.
    """
    try:
        yield
    except (GitlabError, OSError, LookupError, TypeError, AttributeError) as error:
        url = re.sub(r"(?<=//)[^/]*@", "", connection.url)
        what, fix = _of_the_way(error, url) if isinstance(error, OSError) else _of_gitlab(error)
        what = what.replace(str(connection.private_token), "[token]")  # an answer may quote the request
        raise GitLabError(f"{where} (GitLab at {url})", what, why, fix) from None


def _of_the_way(error: OSError, url: str) -> tuple[str, str]:
    """Return what is wrong on the way to GitLab, and the fix; all errors of requests are OSErrors."""
    host, said = urlsplit(url).netloc, last_cause(error)
    match error:
        case RetryError():
            return f"GitLab answers {error}, also after waiting", "retry the job later"
        case TooManyRedirects():
            what = f"{host} sends on to {error}; it is not followed, since the token would go along"
            return what, "set GitLab's external_url, and the URL in the runner's config.toml, to that URL"
        case requests.RequestException() if not isinstance(error, SSLError):
            fix = f"see that curl {url}/api/v4/version prints JSON on the runner, then retry the job"
            return f"{host} cannot be reached: {said}", fix
    ca = "name the site's CA as tls-ca-file in the runner's config.toml; then each job is given it"
    return f"the certificate of {host} cannot be trusted: {said}", ca


def _of_gitlab(error: Exception) -> tuple[str, str]:
    """Return what GitLab has said, on one line, and the fix; other errors are of answers in an odd shape."""
    if not isinstance(error, GitlabError) or isinstance(error, GitlabParsingError):
        fix = "retry the job; if it stays, look whether a proxy changes the answers"
        return "GitLab's answer is not readable", fix
    words, code = " ".join(str(error.error_message).split())[:_LONGEST_QUOTE], error.response_code
    words = "an HTML page" if words.startswith("<") else words
    fix = {
        401: _NEW_TOKEN,
        403: f"unlock the discussion if it is locked; otherwise {_NEW_TOKEN}",
        404: f"see that {TOKEN} is a token of this very project: {_NEW_TOKEN}",
    }.get(code or 0, "mend what GitLab names, then retry the job")
    return f"GitLab refuses it ({code}: {words})", fix
