"""What is asked of argocd-server: its API, as its web page asks it, and the webhook that GitLab sends."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from lab.errors import LabError
from lab.first_sync.pods import SERVER
from lab.first_sync.repository import BRANCH

_SECONDS_FOR_AN_ANSWER = 60
_SECONDS_TO_COME_UP = 120.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def api(path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer of argocd-server's API; with a body, the request is a POST.

    Raises:
        LabError: it refuses, or does not answer.
    """
    answer: dict[str, Any] = json.loads(_ask(f"api/v1/{path}", body, {}))
    return answer


def send_webhook(web_url: str, revision: str) -> None:
    """Tell argocd-server about a push as GitLab does, which names the repository by its web page.

    Raises:
        LabError: argocd-server does not take it.
    """
    body = {
        "object_kind": "push",
        "ref": f"refs/heads/{BRANCH}",
        "before": "0" * len(revision),
        "after": revision,
        "checkout_sha": revision,
        "project": {"web_url": web_url, "default_branch": "main"},
        "commits": [],
    }
    _ask("api/webhook", body, {"X-Gitlab-Event": "Push Hook"})


def _ask(path: str, body: Mapping[str, Any] | None, fields: Mapping[str, str]) -> bytes:
    """Ask, and ask again as long as the server has not come up."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://{SERVER}/{path}", data, {"Content-Type": "application/json", **fields}
    )
    end = time.monotonic() + _SECONDS_TO_COME_UP
    while True:
        try:
            with _DIRECT.open(request, timeout=_SECONDS_FOR_AN_ANSWER) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > end:
                raise LabError(f"argocd-server refuses {path}: {error.code} {said}") from None
        except OSError as error:
            if time.monotonic() > end:
                raise LabError(f"argocd-server does not answer {path}: {error}") from None
        time.sleep(0.3)
