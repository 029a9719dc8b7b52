"""Who owns which field of an object, as server-side apply records it in `metadata.managedFields`. Pure.

The real plugin creates objects with one manager (an Update) and applies later changes with another one.
Before it applies, it takes over what earlier tools have written; otherwise a field that leaves the program
would stay on the object for ever.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from lab.plugins.diff import Path
from lab.plugins.kubernetes.manifest import Manifest, annotations
from lab.plugins.kubernetes.settings import Settings

CREATOR = "pulumi-kubernetes"

# (beginning of the manager's name, operation). "kubectl" covers kubectl-client-side-apply, kubectl-edit, ….
_TAKEN_OVER = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    ("pulumi-kubernetes", "Update"),
    ("pulumi-resource-kubernetes", "Update"),
)

Entry = Mapping[str, Any]


def _is_taken_over(entry: Entry) -> bool:
    return not entry.get("subresource") and any(
        str(entry.get("manager", "")).startswith(name) and entry.get("operation") == operation
        for name, operation in _TAKEN_OVER
    )


def _united(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **{key: _united(one.get(key), value) for key, value in other.items()}}
    return one if other is None else other


def take_over(live: Manifest, manager: str) -> list[dict[str, Any]]:
    """Return the JSON patch that hands the fields of earlier tools to `manager`; empty if there are none."""
    entries: list[Entry] = live["metadata"].get("managedFields") or []
    taken = [entry for entry in entries if _is_taken_over(entry)]
    if not taken:
        return []
    ours = [
        entry for entry in entries if entry.get("manager") == manager and entry.get("operation") == "Apply"
    ]
    fields: Any = {}
    for entry in [*ours, *taken]:
        fields = _united(fields, entry.get("fieldsV1"))
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    merged = {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": live["apiVersion"],
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    others = [entry for entry in entries if entry not in taken and entry not in ours]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [*others, merged]},
        # Nobody may have written in between.
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]


def _owns(entry: Entry, path: Path) -> bool:
    fields: Any = entry.get("fieldsV1") or {}
    for step in path:
        if not isinstance(fields, Mapping) or f"f:{step}" not in fields:
            return False
        fields = fields[f"f:{step}"]
    return True


def owners(live: Manifest, path: Path) -> set[str]:
    """Return the managers of one field, or of anything below it."""
    entries: list[Entry] = live["metadata"].get("managedFields") or []
    return {str(entry.get("manager", "")) for entry in entries if _owns(entry, path)}


def must_force(wanted: Manifest, live: Manifest | None, settings: Settings, *, preview: bool) -> bool:
    """Tell whether an apply may take fields away from other managers."""
    if annotations(wanted).get("pulumi.com/patchForce") == "true" or settings.enable_patch_force:
        return True
    if live is None:
        return preview
    entries: list[Entry] = live["metadata"].get("managedFields") or []
    if not entries:
        return True  # written before server-side apply existed: nobody to take it from
    # A preview changes nothing, so it cannot take over beforehand as the real deployment will.
    return preview and any(_is_taken_over(entry) for entry in entries)


def without_ignored_fields(wanted: Manifest, live: Manifest, ignored: list[Path], manager: str) -> Manifest:
    """Return what to apply when some paths are under `ignore_changes`.

    A field that only others own is left out, so that no conflict arises; one of ours is sent as it is now,
    because leaving it out would remove it.
    """
    result = wanted
    for path in ignored:
        now = _lookup(live, path)
        holders = owners(live, path)
        if holders and manager not in holders:
            result = _set(result, path, _ABSENT)
        elif now is not _ABSENT:
            result = _set(result, path, now)
    return result


_ABSENT = object()


def _lookup(value: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return _ABSENT
        value = value[step]
    return value


def _set(value: Any, path: Path, new: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    first, *rest = path
    if rest:
        return {**value, first: _set(value.get(first, {}), tuple(rest), new)} if first in value else value
    if new is _ABSENT:
        return {key: item for key, item in value.items() if key != first}
    return {**value, first: new}
