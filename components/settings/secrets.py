"""Values that must never be seen: how the stack file gives them, and where they stand in the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from components.settings.problems import Key

SecretText = Annotated[SecretStr, Field(min_length=1)]
"""A value that `pulumi config set --secret` has encrypted. It shows as stars wherever it is printed."""


_PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAA\n-----END PRIVATE KEY-----\n"
_OF_A_FORM = {
    "passwordHash": f"$2b$10${'a' * 53}",
    "sshPrivateKey": _PEM,
    "tlsClientCertKey": _PEM,
    "githubAppPrivateKey": _PEM,
    "keyData": _PEM,
}


def placeholder(key: Key) -> str:
    """Return what stands for the encrypted value of `key` where it cannot be decrypted: it has its form."""
    return _OF_A_FORM.get(str(key), "encrypted")


def secret_paths(value: object, path: tuple[Key, ...] = ()) -> Iterator[tuple[Key, ...]]:
    """Yield the place of every secret in `value`, as keys of the stack file.

    Args:
        value: settings, or a part of them.
        path: the place of `value` itself.
    """
    match value:
        case SecretStr():
            yield path
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield from secret_paths(getattr(value, name), (*path, field.alias or name))
        case Mapping():
            for key, item in value.items():
                yield from secret_paths(item, (*path, key))
        case list() | tuple():
            for number, item in enumerate(value):
                yield from secret_paths(item, (*path, number))
