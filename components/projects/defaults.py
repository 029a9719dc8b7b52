"""The `defaults` section, merged under each project before the project is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.projects.sources import TOOLS
from components.stackfile.merging import deep_merge

_EXCLUSIVE = (frozenset(TOOLS), frozenset({"path", "chart"}))
"""Keys of which a source has one at most."""
_CLUSTER = frozenset({"server", "name"})


def over_defaults(defaults: Mapping[str, Any], project: Any) -> Any:
    """Return what a project says, with `defaults` where it is silent; mappings are merged key by key.

    Where two keys exclude each other (`server` and `name`, `path` and `chart`, two tools), one of the
    project's own takes the place of both. `project:` with nothing behind it is read as `project: {}`.

    Args:
        defaults: the `defaults` section, as it stands in the stack file.
        project: the project's, as it stands there. If it is no mapping, it is returned as it is.
    """
    if project is None:
        project = {}
    if not isinstance(project, Mapping):
        return project
    kept = {key: value for key, value in defaults.items() if key not in _replaced(project)}
    destination = project.get("destination")
    names_cluster = isinstance(destination, Mapping) and not _CLUSTER.isdisjoint(destination)
    if names_cluster or project.get("destinations"):
        kept["destination"] = {k: v for k, v in kept.get("destination", {}).items() if k not in _CLUSTER}
    return deep_merge(kept, project)


def _replaced(project: Mapping[str, Any]) -> frozenset[str]:
    """Return the defaults that what the project says leaves no place for."""
    if project.get("sources"):
        return frozenset().union(*_EXCLUSIVE)
    return frozenset(key for keys in _EXCLUSIVE if keys & project.keys() for key in keys - project.keys())
