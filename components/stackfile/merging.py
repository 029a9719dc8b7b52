"""Merge mappings deeply: for chart values, for raw fields of an Application, and for defaults."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def deep_merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` merged into it: mappings key by key, everything else replaced.

    Neither argument is changed.
    """
    merged = deepcopy(dict(base))
    for key, value in over.items():
        standing = merged.get(key)
        if isinstance(standing, Mapping) and isinstance(value, Mapping):
            merged[key] = deep_merge(standing, value)
        else:
            merged[key] = deepcopy(value)
    return merged
