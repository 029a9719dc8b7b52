"""A preview as data: which resources `up` would touch, and what the engine had to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from components.settings.base import PROJECT

SECRET = "[secret]"  # noqa: S105 - what the engine prints in place of one
SECRET_TYPE = "kubernetes:core/v1:Secret"  # noqa: S105 - a resource type


class Operation(StrEnum):
    """What happens to a resource; a replacement is one operation, however many steps it takes."""

    DELETE = "delete"
    REPLACE = "replace"
    CHANGE = "change"
    ADD = "add"
    ADOPT = "adopt"
    READ = "read"


@dataclass(frozen=True)
class Change:
    """One resource that `up` would touch."""

    operation: Operation
    urn: str
    old: Mapping[str, Any] = field(default_factory=dict)
    """Its inputs before; empty for one that is new."""
    new: Mapping[str, Any] = field(default_factory=dict)
    """Its inputs afterwards; empty for one that goes."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the state remembers of it, where that is more than the inputs."""
    paths: tuple[str, ...] = ()
    """The properties that differ, as the engine names them: `spec.source.targetRevision`."""
    protected: bool = False
    """Whether the state protects it from deletion: the engine then refuses."""
    retained: bool = False
    """Whether it outlives its deletion from the stack."""

    @property
    def type(self) -> str:
        """The resource's type, such as `kubernetes:helm.sh/v3:Release`."""
        parts = self.urn.split("::")
        return parts[2].rpartition("$")[2] if len(parts) > 3 else ""  # noqa: PLR2004 - the form of a URN

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def is_bookkeeping(self) -> bool:
        """Whether it is nothing in the cluster: the stack itself, a connection, or a group of resources."""
        return self.type.startswith(("pulumi:", f"{PROJECT}:"))


@dataclass(frozen=True)
class Diagnostic:
    """A message of the engine, of a plugin, or of our program."""

    severity: str
    """`error`, `warning`, `info` or `info#err`."""
    message: str
    urn: str = ""

    @property
    def name(self) -> str:
        """The name of the resource that it is about, "" for none."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Preview:
    """A preview, read."""

    changes: tuple[Change, ...] = ()
    """In the engine's order, without the bookkeeping."""
    bookkeeping: int = 0
    """How many changes are nothing in the cluster, although the engine counts them."""
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    """The stack's configuration, secrets blinded."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs as the last `up` has left them; empty before the first."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """The engine's own count, by its names of the operations."""

    @property
    def errors(self) -> list[Diagnostic]:
        """What made the preview fail."""
        return [one for one in self.diagnostics if one.severity == "error"]

    @property
    def warnings(self) -> list[Diagnostic]:
        """What the reviewer should know although the preview works."""
        return [one for one in self.diagnostics if one.severity == "warning"]

    @property
    def counts(self) -> Counter[Operation]:
        """How many resources are touched, by operation."""
        return Counter(change.operation for change in self.changes)

    @cached_property
    def projects(self) -> Mapping[str, str]:
        """Application → the project in the stack file that declares it."""
        found: dict[str, str] = {}
        for project, own in self.section("projects").items():
            name = str(mapping(own).get("application") or f"argo-{project}")
            several = mapping(mapping(own).get("destinations"))
            found |= {f"{name}-{target}": project for target in several} or {name: project}
        return found

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section of the stack file, such as `dns`; empty if there is none."""
        return mapping(self.config.get(f"{PROJECT}:{name}"))


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, an empty one otherwise: a blinded value is a text."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """Return `value` if it is a list, an empty one otherwise."""
    return value if isinstance(value, list) else []
