"""Offset pagination as GitLab does it: 20 to a page, 100 at most, and headers that lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

T = TypeVar("T")


DEFAULT, MOST = 20, 100


def page_of(
    items: Sequence[T], query: Mapping[str, str], url: str, *, counts: bool
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the page that `query` asks for, and its headers.

    Args:
        items: the whole list.
        query: the request's parameters.
        url: the list's URL as GitLab believes it to be, for the header `Link`.
        counts: false for a list of more than 10,000, for which GitLab does not say how many there are.
    """
    size = min(int(query.get("per_page", DEFAULT)), MOST)
    page = max(int(query.get("page", 1)), 1)
    last = max(-(-len(items) // size), 1)
    links = {"prev": page - 1, "next": page + 1, "first": 1} | ({"last": last} if counts else {})
    shown = {name: number for name, number in links.items() if 1 <= number <= last}
    headers = {
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Prev-Page": str(shown.get("prev", "")),
        "X-Next-Page": str(shown.get("next", "")),
        "Link": ", ".join(
            f'<{url}?{urlencode({**query, "page": number, "per_page": size})}>; rel="{name}"'
            for name, number in shown.items()
        ),
    }
    if counts:
        headers |= {"X-Total": str(len(items)), "X-Total-Pages": str(last)}
    return items[(page - 1) * size : page * size], headers
