"""The last resource of an `up`: it ends when Argo CD has compared what has changed, or has said why not.

The state names this module and the provider's class: neither may be renamed without a migration.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pulumi import ResourceOptions
from pulumi.dynamic import CreateResult, DiffResult, Resource, UpdateResult

from components.cluster.errors import sentences
from components.cluster.offline import refuse_changes
from components.cluster.one_cluster import OneClusterProvider
from components.projects.watching import Goal, follow
from components.stackfile.printable import say
from components.stackfile.problems import key_path

# The engine starts a Python for this module, which needs no models, nor a library of schemas.
if TYPE_CHECKING:
    from components.projects.application import Application

_COMPARED = ("namespace", "applications")


def compared(applications: Iterable[Application]) -> dict[str, dict[str, Any]]:
    """Return the Applications that are waited for, `namespace/name` → what decides whether it is anew.

    A digest stands for the manifest: what it says, the state has already.
    """
    return {
        f"{each.manifest['metadata']['namespace']}/{each.name}": {
            "digest": _digest(each.manifest),
            "until": each.options.wait,
            "seconds": each.options.wait_seconds,
        }
        for each in applications
        if each.options.wait != "none"
    }


def places(applications: Iterable[Application]) -> dict[str, str]:
    """Return Application name → where it is declared."""
    return {each.name: key_path(each.path) for each in applications}


class ComparisonProvider(OneClusterProvider):
    """Follows the Applications whose entry has changed.

    Inputs: `context`, `namespace` (Argo CD's), `applications` and `places` as the functions here return
    them. `check` adds `cluster`, the UID of the cluster.
    """

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Tell whether there is something to follow, or to forget."""
        return DiffResult(changes=any(_olds.get(key) != _news.get(key) for key in _COMPARED))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Follow all Applications."""
        self._follow({}, props)
        return CreateResult(props["namespace"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Follow those that have changed; after a failure the state still has what was before it."""
        self._follow(_olds.get("applications") or {}, _news)
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Do nothing: there is nothing of it in the cluster."""

    def _follow(self, before: Mapping[str, Any], props: Mapping[str, Any]) -> None:
        named = props.get("places") or {}
        goals = [
            Goal(name, namespace, entry["until"], float(entry["seconds"]), named.get(name, ""))
            for key, entry in props["applications"].items()
            if before.get(key) != entry
            for namespace, _, name in [key.partition("/")]
        ]
        with sentences():
            refuse_changes()
            follow(props["context"], props["namespace"], goals, say)


class Comparison(Resource, module="projects", name="Comparison"):
    """Declared after all else."""

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions | None = None) -> None:
        super().__init__(ComparisonProvider(), name, dict(props), opts)


def _digest(manifest: Mapping[str, Any]) -> str:
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
