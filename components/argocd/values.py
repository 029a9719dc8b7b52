"""Merging values for the Argo CD chart, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from components.stackfile.base import Section
from components.stackfile.merging import deep_merge


def merge_all(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return all `parts` merged; what a later one says wins."""
    return reduce(deep_merge, parts, {})


def in_chart_words(section: Section | None, *others: str) -> dict[str, Any]:
    """Return what is set in a section whose keys are the chart's own, apart from those in `others`."""
    if section is None:
        return {}
    return section.model_dump(by_alias=True, exclude_defaults=True, exclude=set(others))


def at(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return `value` at `path` (keys, outermost first); nothing at all if it is None or empty.

    The path is no dotted text, since keys of Argo CD's ConfigMaps contain dots: `admin.enabled`.
    """
    if value is None or value in ("", [], {}):
        return {}
    return reduce(lambda inner, key: {key: inner}, reversed(path), value)
