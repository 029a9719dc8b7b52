"""What a stack has only taken over is given back: its marks go, and nothing else of the object is touched."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pulumi import ResourceOptions
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from components.cluster import ClusterError, Reader, sentences
from components.identity import same_cluster
from components.live import Mark, take_marks_off
from components.offline import is_offline, refuse_changes


class AdoptedProvider(ResourceProvider):
    """Remembers what was adopted, and takes the marks off whatever is no longer in the stack.

    Inputs: `context`, the stack's mark (`stack`, `identity`), and `objects` (paths of the API). `check` adds
    `cluster`, the UID of the cluster.
    """

    serialize_as_secret_always = False
    """There is no secret in the pickled class; hiding it would make the state harder to read."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Make sure that the context is still the same cluster, whatever it is called now."""
        try:
            known = _olds.get("cluster", "")
            cluster = known if is_offline() else same_cluster(news["context"], known)
        except ClusterError as error:
            return CheckResult(news, [CheckFailure("context", str(error))])
        return CheckResult({**news, "cluster": cluster}, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Follow the stack file."""
        changed = any(_olds.get(key) != value for key, value in _news.items() if not key.startswith("__"))
        return DiffResult(changes=changed)

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
