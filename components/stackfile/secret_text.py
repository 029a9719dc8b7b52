"""Values that must never be seen: how the stack file gives them, and what stands for them meanwhile.

Keys and certificates are in PEM form, as text or as kubeconfig files carry them: in base64. Source: Go's
`encoding/pem`, which Argo CD reads them with; it needs the line breaks.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any

from pydantic import Field, SecretStr

from components.stackfile.problems import Key

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


def placeholder(key: Key) -> str:
    """Return what stands for the encrypted value of `key` where it cannot be decrypted: it has its form."""
    return _OF_A_FORM.get(str(key), "encrypted")


def with_placeholders(value: Any, key: Key = "") -> Any:
    """Return a section as the engine hands it over, with something of the right form in place of each secret.

    What is not encrypted text stays as it is: the engine could not decrypt it either.

    Args:
        value: the section as YAML has it, or a part of it.
        key: the key that `value` stands behind.
    """
    if isinstance(value, list):
        return [with_placeholders(item, key) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"secure"} and isinstance(value["secure"], str) and value["secure"]:
        return placeholder(key)
    return {name: with_placeholders(item, name) for name, item in value.items()}


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
