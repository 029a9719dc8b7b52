"""Credentials that are in a Secret of the cluster already, which somebody else made and keeps."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from components.cluster.api import Reader
from components.cluster.errors import MissingError
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

        The keys that are `known` can be taken from a Secret; those `given` stand in the stack file itself.
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


def read_existing_secret(
    reader: Reader, settings: ExistingSecretSettings, keys: Sequence[str], namespace: str
) -> dict[str, str]:
    """Return Argo CD's key → value, for the keys that `settings` names; for all in `keys` if it names none.

    Raises:
        MissingError: the Secret, or a key in it, is not there. No value is in the message.
        ClusterError: the cluster does not answer, or forbids it.
    """
    where = f"{settings.namespace or namespace}/{settings.name}"
    secret = reader.get(f"/api/v1/namespaces/{settings.namespace or namespace}/secrets/{settings.name}")
    if secret is None:
        raise MissingError(
            f"there is no Secret {where}",
            "the stack file says that credentials for Argo CD are in it",
            f"create it, or correct existingSecret.name (now {settings.name}) and existingSecret.namespace",
        )
    data: Mapping[str, Any] = secret.get("data") or {}
    wanted = settings.keys or {key: key for key in keys if key in data}
    missing = [key for key in wanted.values() if key not in data]
    if missing or not wanted:
        lacking = "has no key " + ", ".join(missing or keys)
        raise MissingError(
            f"the Secret {where} {lacking}; it has {', '.join(sorted(data)) or 'none at all'}",
            "Argo CD would be left without these credentials",
            "name the keys that it has: existingSecret.keys: {<Argo CD's key>: <key in the Secret>}",
        )
    return {own: _text(data[key], where, key) for own, key in wanted.items()}


def _text(encoded: str, where: str, key: str) -> str:
    try:
        # A final line break comes with `kubectl create secret --from-file` and belongs to no credential.
        return base64.b64decode(encoded).decode().rstrip("\r\n")
    except ValueError:
        raise MissingError(
            f"the key {key} of the Secret {where} is not text",
            "Argo CD takes credentials as text only",
            "put the text into it: a token, or a key or certificate in PEM form",
        ) from None
