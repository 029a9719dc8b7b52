"""Values that must never be seen: how the stack file gives them, and what stands for them meanwhile.

Keys and certificates are in PEM form, as text or as kubeconfig files carry them: in base64. Source: Go's
`encoding/pem`, which Argo CD reads them with; it needs the line breaks.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr

SecretText = Annotated[SecretStr, Field(min_length=1)]
"""A value that `pulumi config set --secret` has encrypted. It shows as stars wherever it is printed."""

_BLOCK = re.compile(r"^-----BEGIN ([A-Z0-9 ]+)-----\r?\n.+?\n-----END \1-----", re.DOTALL | re.MULTILINE)
_PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAA\n-----END PRIVATE KEY-----\n"
_OF_A_FORM = {
    "passwordHash": f"$2b$10${'a' * 53}",
    "sshPrivateKey": _PEM,
    "tlsClientCertKey": _PEM,
    "githubAppPrivateKey": _PEM,
    "keyData": _PEM,
}


def placeholder(key: str) -> str:
    """Return what stands for the encrypted value of `key` where it cannot be decrypted: it has its form."""
    return _OF_A_FORM.get(key, "encrypted")


def with_placeholders(section: Any) -> Any:
    """Return a section as the engine hands it over, with something of the right form in place of each secret.

    What is not encrypted text stays as it is: the engine could not decrypt it either.
    """
    return replaced(section, is_encrypted, lambda _, key: placeholder(key))


def is_encrypted(value: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping of a stack file is an encrypted text."""
    return set(value) == {"secure"} and isinstance(value["secure"], str) and bool(value["secure"])


def replaced(
    value: Any, is_secret: Callable[[Any], bool], instead: Callable[[Any, str], Any], key: str = ""
) -> Any:
    """Return `value` with what `instead` returns of each secret and its key in the secret's place.

    A secret is a mapping that `is_secret` holds of; `key` is what `value` stands behind.
    """
    if isinstance(value, list):
        return [replaced(item, is_secret, instead, key) for item in value]
    if not isinstance(value, dict):
        return value
    if is_secret(value):
        return instead(value, key)
    return {name: replaced(inner, is_secret, instead, name) for name, inner in value.items()}


def is_private_key(text: str) -> bool:
    """Tell whether a private key is in `text`; OpenSSH's own form is PEM too."""
    return any(label.endswith("PRIVATE KEY") for label in _BLOCK.findall(text))


def is_certificate(text: str) -> bool:
    """Tell whether a certificate is in `text`."""
    return any(label.endswith("CERTIFICATE") for label in _BLOCK.findall(text))


def pem_text(text: str) -> str:
    """Return the PEM text that `text` is, or is the base64 of; text that is neither, as it is."""
    if _BLOCK.search(text):
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        return text


def pem_base64(text: str) -> str:
    """Return the base64, in one line, of the PEM text that `text` is or is the base64 of."""
    return base64.b64encode(pem_text(text).encode()).decode()
