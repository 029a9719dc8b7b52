"""The `defaults` section, merged under each project before the project is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.merging import deep_merge

_TOOLS = frozenset({"kustomize", "helm", "directory", "plugin"})
_SINGLE_SOURCE = _TOOLS | {"path", "chart"}
_CLUSTER = frozenset({"server", "name"})


def over_defaults(defaults: Mapping[str, Any], own: Any) -> Any:
    """Return what a project says, with `defaults` where it is silent; mappings are merged key by key.

    Where two keys exclude each other (`server` and `name`, `path` and `chart`, two tools), one of the
    project's own takes the place of both. `project:` with nothing behind it is read as `project: {}`.

    Args:
        defaults: the `defaults` section, as it stands in the stack file.
        own: the project's, as it stands there. If it is no mapping, it is returned as it is.
    """
    if own is None:
        own = {}
    if not isinstance(own, Mapping):
        return own
    left = {key: value for key, value in defaults.items() if key not in _replaced(own)}
    destination = own.get("destination")
    names_cluster = isinstance(destination, Mapping) and not _CLUSTER.isdisjoint(destination)
    if names_cluster or own.get("destinations"):
        left["destination"] = {k: v for k, v in left.get("destination", {}).items() if k not in _CLUSTER}
    return deep_merge(left, own)


def _replaced(own: Mapping[str, Any]) -> frozenset[str]:
    """Return the defaults that what the project says leaves no place for."""
    if own.get("sources"):
        return _SINGLE_SOURCE
    tools = set() if _TOOLS.isdisjoint(own) else set(_TOOLS - own.keys())
    places = {"path", "chart"}
    return frozenset(tools | (set() if places.isdisjoint(own) else places - own.keys()))
