"""Which known key or name a misspelt one may mean."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def near(name: str, known: Sequence[str]) -> str:
    """Return the one of `known` that `name` is a misspelling of, also by case; "" if it is like none."""
    by_case = {key.lower(): key for key in known}
    return "".join(by_case[key] for key in difflib.get_close_matches(name.lower(), by_case, n=1, cutoff=0.8))


def nearest(name: str, known: Sequence[str]) -> str:
    """Return which of the known keys may have been meant, and all of them."""
    matches = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return (
        f"did you mean {matches[0]!r}? Known here: {', '.join(known)}"
        if matches
        else f"take it out. Known here: {', '.join(known)}"
    )
