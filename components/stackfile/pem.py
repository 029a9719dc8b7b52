"""Keys and certificates in PEM form, as text or as kubeconfig files carry them: in base64.

Source: Go's `encoding/pem`, which Argo CD reads them with; it needs the line breaks.
"""

from __future__ import annotations

import base64
import re

_BLOCK = re.compile(r"^-----BEGIN ([A-Z0-9 ]+)-----\r?\n.+?\n-----END \1-----", re.DOTALL | re.MULTILINE)


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
