"""How GitLab is asked: again where that only reads, in bounded time, and never elsewhere with the token."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import RetryError, TooManyRedirects
from urllib3.util import Retry

TOKEN = "PROTOBOX_GITLAB_TOKEN"  # noqa: S105 - the variable's name
SECONDS = 10.0
"""How long a connection, and then each piece of an answer, may take."""
AT_A_TIME = 8
"""How many questions may be on their way together."""
BUSY = (429, 500, 502, 503, 504)
# What writes is not repeated: GitLab may have carried it out.
PATIENCE = Retry(
    4,
    redirect=False,
    other=0,  # such as a certificate that is not trusted: it is not the next time either
    status_forcelist=BUSY,
    allowed_methods=["GET"],
    backoff_factor=0.5,
    retry_after_max=15,
    raise_on_status=False,
)


def last_cause(error: BaseException) -> object:
    """Return what is behind an error: `Connection refused`, not three wrappers of it."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return getattr(error, "strerror", None) or error


class GitLabSession(requests.Session):
    """A session for python-gitlab, which would itself wait as long as it is told to, and follow anywhere."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=AT_A_TIME, max_retries=PATIENCE))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Ask GitLab; an answer that is no answer of it raises an error of `requests`."""
        # The token is a header that requests, unlike a password, takes along to another host.
        response = super().request(method, url, *args, **{**kwargs, "allow_redirects": False})
        if response.status_code in BUSY:
            raise RetryError(f"{response.status_code} {response.reason}")
        if response.is_redirect:
            raise TooManyRedirects(response.headers["Location"].partition("?")[0])
        return response
