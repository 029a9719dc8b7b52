"""The HTTP session under python-gitlab: bounded in time, patient with a busy GitLab, careful with the token.

python-gitlab can retry by itself, but it then sleeps as long as a server says, an hour if need be, does not
understand a date in `Retry-After`, and sends a POST again that GitLab has carried out already.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests

from review.gitlab_errors import NotGitLabError, RedirectedError, TryLaterError, reason_of, shown

TOTAL_SECONDS = 60.0
"""How long one operation may take with all its requests, retries and waits."""
REQUEST_SECONDS = 10.0
"""How long the connection, and then each piece of an answer, may take."""
FIRST_WAIT_SECONDS = 0.5
"""The first wait; each further one is twice as long."""
MOST_RETRIES = 6
"""After this many, waits of 31 s in all, a busy GitLab is given up."""

_BUSY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class PatientSession(requests.Session):
    """A session that repeats what only reads; what writes is repeated by who knows whether it was done."""

    def __init__(self) -> None:
        super().__init__()
        self.start()

    def start(self) -> None:
        """Begin an operation: the time limit counts from here."""
        self._end = time.monotonic() + TOTAL_SECONDS

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send a request, a GET also several times.

        Raises:
            TryLaterError: GitLab is busy or does not answer, and there is no time left, or it is a write.
            RedirectedError: the server sends on to another URL.
            NotGitLabError: the answer is not JSON.
        """
        attempt = 0
        while True:
            try:
                return self._once(method, url, *args, **kwargs)
            except TryLaterError as error:
                if method.upper() != "GET":
                    raise
                self.pause(attempt, error)
                attempt += 1

    def pause(self, attempt: int, error: TryLaterError) -> None:
        """Wait before another attempt; raises `error` where there is no time or no patience left for it."""
        seconds = max(FIRST_WAIT_SECONDS * 2**attempt, error.wait)
        if attempt >= MOST_RETRIES or time.monotonic() + seconds >= self._end:
            raise error
        time.sleep(seconds)

    def _once(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TryLaterError(f"the {TOTAL_SECONDS:g} s for it are over", is_unreachable=True)
        # The token is a header that requests, unlike a password, takes along to another host.
        kwargs |= {"timeout": min(REQUEST_SECONDS, left), "allow_redirects": False}
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.exceptions.SSLError:
            raise
        except requests.exceptions.Timeout as error:
            raise TryLaterError(f"no answer within {kwargs['timeout']:.0f} s", is_unreachable=True) from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise TryLaterError(reason_of(error), is_unreachable=True) from error
        if response.status_code in _BUSY:
            answer = f"GitLab answers {response.status_code} {response.reason}"
            raise TryLaterError(answer, wait=_asked(response.headers.get("Retry-After", "")))
        if response.is_redirect:
            raise RedirectedError(shown(response.headers["Location"]))
        kind = response.headers.get("Content-Type", "nothing").partition(";")[0].strip()
        if response.ok and response.content and kind != "application/json":
            raise NotGitLabError(f"{kind} in place of application/json")
        return response


def _asked(header: str) -> float:
    """Return the seconds that `Retry-After` asks for: a number of them or a date; 0 for anything else."""
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return 0
    return max(0.0, (date.astimezone(UTC) - datetime.now(UTC)).total_seconds())
