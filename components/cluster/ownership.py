"""Whose the stack's objects are: what the cluster and Pulumi's state have, as far as both must be known."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from components.cluster.helm_records import RELEASE
from components.cluster.objects import ADOPTED, ADOPTED_RELEASE, FORCE, OURS, LiveObject, Mark, path_of

REPLACES = "protobox-cd/replaces"
"""The annotation on what was made anew, since it had gone from the cluster without Pulumi: the UID of before.

It is the change by which the engine notices; without one it takes what its state has for what is there.
"""

_OF_KUBERNETES = "kubernetes:"

Name = tuple[str, str]
"""The kind and the name of an object in Argo CD's namespace, or of that namespace itself."""

RELEASE_NAME: Name = ("Release", RELEASE)


@dataclass(frozen=True)
class Remembered:
    """What Pulumi's state has of an object."""

    urn: str
    namespace: str = ""
    uid: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    """Of a Helm release: what is said of it."""


@dataclass(frozen=True)
class Adoption:
    """What the engine has to do with what is there instead of creating it."""

    mark: Mark = field(default_factory=Mark)
    """What every object of the stack bears."""
    imported: Mapping[Name, str] = field(default_factory=dict)
    """What is there and not in the state → its import id."""
    forced: AbstractSet[Name] = frozenset()
    """What somebody else may have written."""
    lost: Mapping[Name, str] = field(default_factory=dict)
    """What is in the state and no longer there → the UID that it had."""
    kept: Mapping[Name, Mapping[str, str]] = field(default_factory=dict)
    """Annotations that an earlier run has added."""
    adopted: AbstractSet[Name] = frozenset()
    """What was there before the stack, the release too: it outlives the stack."""
    taken: AbstractSet[Name] = frozenset()
    """What of it is still somebody else's."""
    description: str = ""
    """What an earlier run, or this one, says of the release."""
    namespace: LiveObject | None = None
    """Argo CD's namespace, as far as it is known."""

    def annotations(self, name: Name) -> dict[str, str]:
        """Return what this program adds to an object's annotations."""
        forced = {FORCE: "true"} if name in self.forced else {}
        lost = {REPLACES: self.lost[name]} if name in self.lost else {}
        adopted = {ADOPTED: "true"} if name in self.adopted else {}
        if name[0] == "Namespace" and RELEASE_NAME in self.adopted:
            adopted[ADOPTED_RELEASE] = "true"
        return {**self.mark.annotations, **self.kept.get(name, {}), **adopted, **forced, **lost}

    def objects(self, namespace: str) -> list[str]:
        """Return the paths in the API of all objects that outlive the stack."""
        return sorted(path_of(kind, namespace, name) for kind, name in self.adopted - {RELEASE_NAME})

    @property
    def of_others(self) -> dict[str, str]:
        """The annotations of the namespace that this program has not written."""
        found = self.namespace.annotations if self.namespace else {}
        return {key: value for key, value in found.items() if not key.startswith(OURS)}


def remembered_cluster(outputs: Mapping[str, Any]) -> str:
    """Return the identity of the cluster that a stack's state is about, "" if it says none."""
    known = (resource["outputs"].get("cluster") for resource in outputs.values())
    return next((str(cluster) for cluster in known if isinstance(cluster, str) and cluster), "")


def remembered(outputs: Mapping[str, Any]) -> dict[Name, Remembered]:
    """Return what a stack's state has of objects of Kubernetes, from URN → `type` and `outputs`."""
    found: dict[Name, Remembered] = {}
    for urn, resource in outputs.items():
        kind = str(resource["type"]).rpartition(":")[2]
        if str(resource["type"]).startswith(_OF_KUBERNETES):
            about = resource["outputs"] if kind == "Release" else resource["outputs"].get("metadata")
            about = about if isinstance(about, Mapping) else {}
            found[kind, str(about.get("name") or urn.rpartition("::")[2])] = Remembered(
                urn,
                str(about.get("namespace") or ""),
                str(about.get("uid") or ""),
                about.get("annotations") or {},
                str(about.get("description") or ""),
            )
    return found
