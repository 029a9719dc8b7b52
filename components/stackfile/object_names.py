"""Names of objects and namespaces, labels and annotations: what Kubernetes takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from components.stackfile.forms import Form

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
LONGEST_NAME = 253
OBJECT_NAME = rf"(?=.{{1,{LONGEST_NAME}}}$){_LABEL}(\.{_LABEL})*"
"""A name that Kubernetes takes for an object (RFC 1123 subdomain)."""
_PREFIX = r"(?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/"
_WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(rf"({_PREFIX})?{_WORD}")
_VALUE = re.compile(rf"({_WORD})?")
_LONGEST = 63
_MOST_BYTES = 256 * 1024
_CHARACTERS = "letters, digits, '-', '_' and '.', with a letter or digit at both ends"
_REFUSED = "Kubernetes would refuse the object as a whole"


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


@dataclass(frozen=True)
class Refused:
    """A label or annotation that Kubernetes refuses."""

    key: str
    what: str
    why: str
    fix: str


def refused_metadata(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Refused]]:
    """Yield what Kubernetes refuses of an object's metadata, each behind `labels` or `annotations`."""
    for key, problems in (("labels", label_problems), ("annotations", annotation_problems)):
        for refused in problems(metadata.get(key) or {}):
            yield key, refused


def label_problems(labels: Mapping[str, object]) -> Iterator[Refused]:
    """Yield what Kubernetes refuses of labels. Source: apimachinery, `util/validation`."""
    for key, value in labels.items():
        yield from _key_problems(key, key)
        if isinstance(value, str) and not _VALUE.fullmatch(value):
            yield Refused(
                key,
                f"{value!r} cannot be the value of a label",
                f"{_REFUSED}: it takes at most {_LONGEST} {_CHARACTERS}",
                f"write {_nearest(value) or 'docs'}, or make it an annotation, which takes any text",
            )


def annotation_problems(annotations: Mapping[str, object]) -> Iterator[Refused]:
    """Yield what Kubernetes refuses of annotations: any value, as long as all together are not too long."""
    for key in annotations:
        yield from _key_problems(key, key.lower())
    size = sum(len(key.encode()) + len(str(value).encode()) for key, value in annotations.items())
    if size > _MOST_BYTES:
        longest = max(annotations, key=lambda key: len(str(annotations[key])))
        yield Refused(
            longest,
            f"the annotations have {size:,} bytes together",
            f"{_REFUSED}: it takes at most {_MOST_BYTES:,}",
            f"shorten {longest!r}, the longest of them",
        )


def is_namespace(name: str) -> bool:
    """Tell whether `name` can be the name of a namespace (RFC 1123 label)."""
    return _NAMESPACE.fits(name)


def suggested_namespace(name: str) -> str:
    """Return the nearest name that a namespace can have; "" if there is none."""
    return suggested_name(name.replace(".", "-"), _LONGEST)


_NAMESPACE = Form(
    _LABEL,
    "{} cannot be the name of a namespace",
    "Kubernetes takes at most 63 lower-case letters, digits and '-', and no '-' at the ends",
    lambda name: f"write {suggested_namespace(name) or 'argocd'}",
)
Namespace = Annotated[str, _NAMESPACE]


def is_qualified(key: str) -> bool:
    """Tell whether `key` is `name` or `domain/name`, as keys of labels and finalizers are."""
    return _KEY.fullmatch(key) is not None


def _key_problems(key: str, judged: str) -> Iterator[Refused]:
    if not is_qualified(judged):
        prefix, slash, name = key.rpartition("/")
        better = f"{suggested_name(prefix)}{slash}" if suggested_name(prefix) else ""
        yield Refused(
            key,
            f"{key!r} cannot be the key of a label or annotation",
            f"{_REFUSED}: a key is at most {_LONGEST} {_CHARACTERS}, and may have a domain and / in front",
            f"write {better}{_nearest(name) or 'team'}: in place of {key!r}:",
        )


def _nearest(text: str) -> str:
    return re.sub(r"[^-A-Za-z0-9_.]+", "-", text)[:_LONGEST].strip("-_.")
