"""A preview as data: which resources `up` would touch, and what the engine had to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from components.stackfile.problems import PROJECT

SECRET = "[secret]"  # noqa: S105 - what the engine prints in place of one


class Operation(StrEnum):
    """What happens to a resource; a replacement is one operation, however many steps it takes."""

    DELETE = "delete"
    REPLACE = "replace"
    CHANGE = "change"
    ADD = "add"
    ADOPT = "adopt"


@dataclass(frozen=True)
class Change:
    """One resource that `up` would touch.

    Attributes:
        old: its inputs before; empty for one that is new.
        new: its inputs afterwards; empty for one that goes.
        paths: the properties that differ, as the engine names them: `spec.source.targetRevision`.
        retained: whether it outlives its deletion from the stack.
    """

    operation: Operation
    urn: str
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    retained: bool = False

    @property
    def type(self) -> str:
        """The resource's type, such as `kubernetes:helm.sh/v3:Release`."""
        parts = self.urn.split("::")
        return parts[2].rpartition("$")[2] if len(parts) > 3 else ""  # noqa: PLR2004 - the form of a URN

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Diagnostic:
    """A message of the engine, of a plugin, or of our program: an `error`, a `warning` or an `info`."""

    severity: str
    message: str
    urn: str = ""

    @property
    def name(self) -> str:
        """The name of the resource that it is about, "" for none."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Preview:
    """A preview, read.

    Attributes:
        changes: in the engine's order; nothing that is no object in the cluster, such as a group of them.
        config: the stack's configuration, secrets blinded.
        app_projects: each Application of the stack, also one that stays as it is, and its AppProject.
    """

    changes: Sequence[Change] = ()
    diagnostics: Sequence[Diagnostic] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    app_projects: Mapping[str, str] = field(default_factory=dict)

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
        for project, options in mapping(self.config.get(f"{PROJECT}:projects")).items():
            name = str(mapping(options).get("application") or f"argo-{project}")
            several = mapping(mapping(options).get("destinations"))
            found |= {f"{name}-{target}": project for target in several} or {name: project}
        return found


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, an empty one otherwise: a blinded value is a text."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """Return `value` if it is a list, an empty one otherwise."""
    return value if isinstance(value, list) else []
