"""What a stack has only taken over is given back: its marks go, and nothing else of the object is touched."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pulumi import ResourceOptions
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from components.cluster.api import Reader
from components.cluster.errors import sentences
from components.cluster.identity import same_cluster
from components.cluster.objects import Mark, take_marks_off
from components.cluster.offline import refuse_changes
from components.cluster.one_cluster import OneClusterProvider


class AdoptedProvider(OneClusterProvider):
    """Remembers what was adopted, and takes the marks off whatever is no longer in the stack.

    Inputs: `context`, the stack's mark (`stack`, `identity`), and `objects` (paths of the API). `check` adds
    `cluster`, the UID of the cluster.
    """

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Remember."""
        with sentences():
            refuse_changes()
        return CreateResult("adopted", props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Give back what has left the stack."""
        _give_back(_olds, set(_olds["objects"]) - set(_news["objects"]))
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Give everything back."""
        _give_back(_props, set(_props["objects"]))


def _give_back(props: dict[str, Any], objects: Collection[str]) -> None:
    with sentences():
        refuse_changes("what was adopted still has the marks of this stack")
        same_cluster(props["context"], props.get("cluster", ""))
        with Reader(props["context"]) as cluster:
            for path in sorted(objects):
                take_marks_off(cluster, path, Mark(props["stack"], props["identity"]))


class Adopted(Resource, module="adoption", name="Adopted"):
    """Declared before everything that was adopted, and so deleted after it."""

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions | None = None) -> None:
        super().__init__(AdoptedProvider(), name, props, opts)
