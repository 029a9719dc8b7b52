"""What GitLab, or the way to it, has against a request: told so that the reader can mend it."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
from gitlab.exceptions import GitlabError, GitlabParsingError

from components.settings.problems import tell

TOKEN = "PROTOBOX_GITLAB_TOKEN"  # noqa: S105  # the variable's name
NEW_TOKEN = (
    "make a project access token (Settings > Access tokens) with the role Reporter and the scope api, and "
    f"store it as the masked CI/CD variable {TOKEN}. CI_JOB_TOKEN does not do: with it, GitLab lets a job "
    "read notes but not write them"
)
_LONGEST_QUOTE = 300


class GitLabError(Exception):
    """GitLab could not be asked, or has refused. `str()` is the complete message for the user.

    Args:
        where: the variable, or the object on GitLab.
        what: what is wrong.
        why: why it matters.
        fix: what the reader can do about it.
    """

    def __init__(self, where: str, what: str, why: str, fix: str) -> None:
        super().__init__("\n".join([where, tell(what, why, fix)]))


class TryLaterError(requests.RequestException):
    """GitLab has not answered, or not now; the same request may succeed later.

    Attributes:
        reason: what was seen, as a clause: `GitLab answers 503 Service Unavailable`.
        wait: how long GitLab asks to wait, in seconds; 0 if it does not say.
        is_unreachable: no answer came at all.
    """

    def __init__(self, reason: str, *, wait: float = 0, is_unreachable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.is_unreachable = is_unreachable


class RedirectedError(requests.RequestException):
    """The server sends on to another URL."""


class NotGitLabError(requests.RequestException):
    """Something that is not GitLab's API has answered."""


def shown(url: str) -> str:
    """Return `url` without a user name, a password and a query in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def reason_of(error: BaseException) -> str:
    """Return the innermost reason of a failed connection: `Connection refused`, not three wrappers of it."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return str(getattr(error, "strerror", None) or error)


def told(error: GitlabError | requests.RequestException, url: str) -> tuple[str, str]:
    """Return what is wrong, and the fix, for an error of python-gitlab or of its session.

    Args:
        error: what was raised.
        url: the base URL of GitLab that was asked, without a password in it.
    """
    return _of_the_way(error, url) if isinstance(error, requests.RequestException) else _of_gitlab(error)


def _of_the_way(error: requests.RequestException, url: str) -> tuple[str, str]:
    host = urlsplit(url).netloc
    match error:
        case TryLaterError(is_unreachable=True):
            return (
                f"{host} cannot be reached: {error.reason}",
                f"see that curl {url}/api/v4/version prints JSON on the runner, then retry the job",
            )
        case TryLaterError():
            asked = f" and asks to wait {error.wait:.0f} s" if error.wait else ", also after waiting"
            return f"{error.reason}{asked}", "retry the job later"
        case requests.exceptions.SSLError():
            return (
                f"the certificate of {host} is not trusted: {reason_of(error)}",
                "name the site's CA as tls-ca-file in the runner's config.toml; then each job is given it",
            )
        case RedirectedError():
            return (
                f"{host} sends on to {error}; it is not followed, since the token would go along",
                "set GitLab's external_url, and the URL in the runner's config.toml, to the URL that answers",
            )
        case NotGitLabError():
            return (
                f"{host} answers, but not as GitLab's API does: {error}",
                f"see that curl {url}/api/v4/version prints JSON on the runner, and no proxy's page",
            )
        case _:
            return f"{host} cannot be asked: {reason_of(error)}", f"see that {url} is GitLab's URL"


def _of_gitlab(error: GitlabError) -> tuple[str, str]:
    answer = f"{error.response_code}: {_words(error)}"
    match error.response_code:
        case 401:
            return f"GitLab does not accept the token in {TOKEN} ({answer})", NEW_TOKEN
        case 403:
            return (
                f"the token in {TOKEN} may not do this ({answer})",
                f"unlock the discussion if it is locked; otherwise {NEW_TOKEN}",
            )
        case 404:
            return (
                f"GitLab does not find it ({answer}); it says the same of what the token may not see",
                f"see that {TOKEN} is a token of this very project: {NEW_TOKEN}",
            )
        case None:
            is_parsing = isinstance(error, GitlabParsingError)
            what = "GitLab's answer is not readable as JSON" if is_parsing else str(error)
            return what, "retry the job; if it stays, look whether a proxy changes the answers"
        case _:
            return f"GitLab refuses it ({answer})", "mend what GitLab names, then retry the job"


def _words(error: GitlabError) -> str:
    """Return GitLab's own words on one line; nothing of a whole HTML page."""
    text = " ".join(str(error.error_message).split())
    if text.startswith("<"):
        return "an HTML page"
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]} …"
