"""Credentials that are in a Secret already, which somebody else made and keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from components.stackfile.base import Section
from components.stackfile.object_names import ObjectName
from components.stackfile.problems import Problem


class ExistingSecretSettings(Section):
    """A Secret of the cluster that Argo CD runs in, read at every preview and `up`."""

    name: ObjectName = Field(examples=["gitlab-login"])
    """The Secret's name."""
    namespace: ObjectName | None = Field(default=None, examples=["vault"])
    """The Secret's namespace; Argo CD's own by default."""
    keys: dict[str, str] = Field(default_factory=dict, examples=[{"password": "token"}])
    """What to take: Argo CD's key → the key in this Secret. Without it, everything that is called there as
    Argo CD calls it."""

    def problems(self, known: Sequence[str], given: Sequence[str]) -> Iterator[Problem]:
        """Yield what is wrong with it, at paths below the entry that has it.

        Args:
            known: the keys that can be taken from a Secret.
            given: the keys that stand in the stack file itself.
        """
        for key in self.keys:
            place = ("existingSecret", "keys", key)
            if key not in known:
                yield Problem(
                    place,
                    f"Argo CD has no key {key!r} that can be taken from a Secret",
                    "Argo CD's key stands in front, the key in your Secret behind it",
                    f"write one of {', '.join(known)}",
                )
            elif key in given:
                yield Problem(
                    place,
                    f"{key} is given twice: in the stack file and by the Secret {self.name!r}",
                    "nobody could tell which of them Argo CD uses",
                    f"take out {key}: or this line",
                )

    def gives(self, key: str) -> bool:
        """Tell whether the stack file says that this Secret has Argo CD's `key`."""
        return key in self.keys

    def may_give(self, key: str) -> bool:
        """Tell whether this Secret can have Argo CD's `key`, as far as the stack file tells."""
        return not self.keys or key in self.keys
