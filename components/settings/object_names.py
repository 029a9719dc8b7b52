"""Names that a key of the stack file gives to a Kubernetes object."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from components.settings.base import mistake
from components.settings.forms import Form

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_WHAT = "lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
OBJECT_NAME = rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*"
"""A name that Kubernetes takes for an object (RFC 1123 subdomain)."""
_FORM = Form(OBJECT_NAME, f"The name of a Kubernetes object is expected: {_WHAT}")


def suggested_name(name: str, longest: int | None = None) -> str:
    """Return the nearest name that Kubernetes takes, of at most `longest` characters; "" if there is none."""
    fitting = re.sub(r"[^a-z0-9.]+", "-", name.lower())
    return re.sub(r"-*\.[-.]*", ".", fitting)[:longest].strip("-.")


def require_object_name(name: str) -> str:
    """Return `name`, if Kubernetes takes it as the name of an object (RFC 1123 subdomain)."""
    if not _FORM.fits(name):
        suggestion = suggested_name(name) or "shop"
        raise mistake(
            f"{name!r} cannot be the name of a Kubernetes object",
            f"Kubernetes takes {_WHAT}",
            f"write for example {suggestion}",
        )
    return name


ObjectName = Annotated[str, AfterValidator(require_object_name), _FORM.field]
