"""What an update of an object would change, and whether it takes a new object. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from lab.plugins.diff import compare, mark_replacements, without_ignored
from lab.plugins.kubernetes.manifest import AUTONAMED, Kind, Manifest, annotations, name_and_namespace, prune
from lab.plugins.kubernetes.replacing import force_new
from lab.plugins.kubernetes.settings import Settings
from lab.plugins.serve import Difference


def difference(  # noqa: PLR0913 - old, new and what is known of the kind
    kind: Kind,
    old_inputs: Manifest,
    live: Manifest,
    wanted: Manifest,
    *,
    is_namespaced: bool,
    settings: Settings,
    ignored: Sequence[str],
) -> Difference:
    """Compare what the program wants with the live object, as far as the last program had a say in it."""
    old_name, _ = name_and_namespace(live)
    current = _with_place(prune(live, old_inputs), is_namespaced=is_namespaced)
    current |= {"apiVersion": kind.api_version, "kind": kind.name}
    current["metadata"]["name"] = old_name
    wanted = _with_place(wanted, is_namespaced=is_namespaced)
    changes = compare(current, current, wanted)
    changes = mark_replacements(changes, force_new(kind, wanted, settings), {**current, **wanted})
    changes = without_ignored(changes, ignored)
    # Two objects of one name cannot exist side by side.
    stays_put = name_and_namespace(wanted) == name_and_namespace(current)
    must_give_way = stays_put and annotations(wanted).get(AUTONAMED) != "true"
    return Difference(
        changes,
        delete_before_replace=must_give_way and any(change.replace for change in changes.values()),
    )


def _with_place(manifest: Manifest, *, is_namespaced: bool) -> Manifest:
    """Return the manifest without nulls, and with the namespace that it will have."""
    result: Manifest = _without_nulls(manifest)
    metadata = result.setdefault("metadata", {})
    if isinstance(metadata, dict):  # it may be unknown
        if is_namespaced:
            metadata["namespace"] = metadata.get("namespace") or "default"
        else:
            metadata.pop("namespace", None)
    return result


def _without_nulls(value: Any) -> Any:
    """For the API, null and absent are the same."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
