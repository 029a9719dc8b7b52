"""Names that a key of the stack file gives to a Kubernetes object."""

from __future__ import annotations

import re
from typing import Annotated

from components.stackfile.forms import Form

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
LONGEST_NAME = 253
OBJECT_NAME = rf"(?=.{{1,{LONGEST_NAME}}}$){_LABEL}(\.{_LABEL})*"
"""A name that Kubernetes takes for an object (RFC 1123 subdomain)."""


def suggested_name(name: str, longest: int | None = None) -> str:
    """Return the nearest name that Kubernetes takes, of at most `longest` characters; "" if there is none."""
    fitting = re.sub(r"[^a-z0-9.]+", "-", name.lower())
    return re.sub(r"-*\.[-.]*", ".", fitting)[:longest].strip("-.")


_FORM = Form(
    OBJECT_NAME,
    "{} cannot be the name of a Kubernetes object",
    "Kubernetes takes lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
    lambda name: f"write for example {suggested_name(name) or 'shop'}",
)
require_object_name = _FORM.require
ObjectName = Annotated[str, _FORM]
