"""AppProjects and Secrets that are taken over: what is in them stays, or the preview stops."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from components.cluster.api import Reader
from components.cluster.losses import SECRET, losses
from components.cluster.objects import APPLICATION_SET
from components.projects.taking_over import own_metadata
from components.stackfile.problems import PROJECT, Key, Problem, key_path

_IN_CLEAR = {"name", "namespaces", "project", "proxy", "noProxy", "server", "type", "url", "username"}
"""The keys of Argo CD's Secrets whose values a message may show; of all others it says only the name."""


def read_objects(paths: Sequence[str], context: str) -> list[Mapping[str, Any] | None]:
    """Return the objects at `paths` of the API, None for one that does not exist.

    Raises:
        ClusterError: the API server does not answer, or forbids it.
    """
    with Reader(context) as reader:
        return [reader.get(path) for path in paths]


def access_losses(
    manifest: Mapping[str, Any],
    live: Mapping[str, Any],
    entry: tuple[Key, ...],
    drop: Collection[str],
) -> Iterator[Problem]:
    """Yield why an AppProject or a Secret cannot be taken over as it is declared.

    Args:
        manifest: what is declared.
        live: what is there, as the API returns it.
        entry: where the stack file declares it.
        drop: the paths whose loss is meant, with everything below them.
    """
    lost = losses(_written(live), _written(manifest), drop)
    if not lost:
        return
    kind, name, key = manifest["kind"], manifest["metadata"]["name"], key_path(entry).partition(":")[2]
    listed = "\n".join(f"    {loss}" for loss in lost)
    where = "into its file" if kind == APPLICATION_SET else f"below {PROJECT}:{key}"
    yield Problem(
        (*entry, "adopt"),
        f"the {kind} {name!r} has what this stack would change or drop:\n{listed}",
        "an adoption keeps what is there: others may use it already",
        f"to keep them, write them {where}\n"
        f"to let one of them go on purpose, name it: {PROJECT}:{key}.drop: [{lost[0].named}]",
    )


def _written(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an object its owner has written, without secrets."""
    found: dict[str, Any] = {"metadata": own_metadata(manifest["metadata"])}
    if manifest["kind"] in {"AppProject", APPLICATION_SET}:
        return {**found, "spec": manifest.get("spec") or {}}
    texts = dict(manifest.get("stringData") or {})
    texts |= {
        key: base64.b64decode(value).decode(errors="replace")
        for key, value in (manifest.get("data") or {}).items()
    }
    return {**found, "data": {key: text if key in _IN_CLEAR else SECRET for key, text in texts.items()}}
