"""Merging values for the Argo CD chart, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from components.merging import deep_merge


def merge_all(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return all `parts` merged; what a later one says wins."""
    return reduce(deep_merge, parts, {})


def at(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return `value` at `path` (keys, outermost first); nothing at all if it is None or empty.

    The path is no dotted text, since keys of Argo CD's ConfigMaps contain dots: `admin.enabled`.
    """
    if value is None or value in ("", [], {}):
        return {}
    return reduce(lambda inner, key: {key: inner}, reversed(path), value)
