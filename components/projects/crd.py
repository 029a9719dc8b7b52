"""What Argo CD's CRDs say of a `spec`: types, missing fields and fields that there are not.

`crds.json` has them as Argo CD v3.4.4 ships them (Apache License 2.0), without the descriptions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator, ValidationError
from semantic_version import Version

from components.argocd.chart import DEFAULT_VERSION, ChartSettings
from components.stackfile.problems import Key, near

CRDS: dict[Any, Any] = json.loads(Path(__file__).with_name("crds.json").read_text(encoding="utf-8"))
"""Kind → the schema of its `spec`."""
Kind = Literal["Application", "ApplicationSet", "AppProject"]

_METADATA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
        "finalizers": {"type": "array", "items": {"type": "string"}},
    },
}
"""Kubernetes' own `ObjectMeta`, of which no CRD says anything."""
KNOWN = "Argo CD v3.4.4"
"""Whose CRDs `crds.json` has."""


def for_people(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the CRD's schema, in which a key that may be absent may also be empty."""
    found = dict(schema)
    if "properties" in schema:
        required, below = schema.get("required", []), schema["properties"]
        found["properties"] = {
            key: for_people(value) if key in required else {"anyOf": [for_people(value), {"type": "null"}]}
            for key, value in below.items()
        }
    if "items" in schema:
        found["items"] = for_people(schema["items"])
    return found


def crd_is_known(chart: ChartSettings) -> bool:
    """Tell whether a chart's Argo CD has no fields that those in `crds.json` lack: it is not newer."""
    try:
        newest = Version.coerce(DEFAULT_VERSION)
        return chart.path is None and Version.coerce(chart.version.removeprefix("v")) <= newest
    except ValueError:
        return False


@dataclass(frozen=True)
class Misfit:
    """Something that the API server would refuse."""

    rule: str
    """The rule that it breaks, by its name in JSON Schema: `type`, `required`, `additionalProperties`."""
    place: tuple[Key, ...]
    """Where; of a field that is missing or unknown, the field's own place."""
    expected: Any
    """What the rule asks for: a type, several types, or the names of the known fields."""
    value: Any
    """What is there instead."""

    @property
    def is_of_type(self) -> bool:
        """Whether something is there that the field does not take."""
        return self.rule != "required" and not self.is_unknown

    @property
    def is_unknown(self) -> bool:
        """Whether there is no such field."""
        return self.rule == "additionalProperties"

    @property
    def meant(self) -> str:
        """The known field that an unknown one is a misspelling of; "" if it is like none."""
        return near(str(self.place[-1]), self.expected) if self.is_unknown else ""


def misfits(kind: Kind, manifest: Mapping[str, Any]) -> list[Misfit]:
    """Return what the API server would refuse of `metadata` and `spec`, in the order of the manifest."""
    return typed(kind, manifest)[1]


def typed(kind: Kind, manifest: Mapping[str, Any]) -> tuple[dict[str, Any], list[Misfit]]:
    """Return the `metadata` and the `spec` of a manifest in the types of the CRD, and all misfits.

    Left out are fields without a value, and what has another type than its field.
    """
    parts = {key: manifest.get(key) for key in ("metadata", "spec")}
    kept = deepcopy(_without_nulls(parts, _schemas()[kind]))
    found = [misfit for error in _validator(kind).iter_errors(kept) for misfit in _of(error)]
    for misfit in found:
        if misfit.is_of_type:
            _drop(kept, misfit.place)
    return {"metadata": {}, "spec": {}, **kept}, found


def without_nulls(kind: Kind, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `spec` without fields that have no value: the API server refuses them, and nobody means them.

    Values for a Helm chart stay as they are, since there null takes a default away.
    """
    schema = _schemas()[kind]["properties"]["spec"]
    found: dict[str, Any] = _without_nulls(spec, schema)
    return found


def _of(error: ValidationError) -> Iterator[Misfit]:
    place = tuple(error.absolute_path)
    value: Any = error.instance
    expected: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            schema: Any = error.schema
            known = list(schema["properties"])
            for key in value:
                if key not in known:
                    yield Misfit("additionalProperties", (*place, key), known, value[key])
        case "required":
            key = error.message.split("'")[1]  # the one of several that this error is about
            yield Misfit("required", (*place, key), expected, None)
        case _:
            yield Misfit(str(error.validator), place, expected, value)


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(_schemas()[kind])


@cache
def _schemas() -> dict[Kind, Any]:
    specs = {**{kind: _closed(spec) for kind, spec in CRDS.items()}, "ApplicationSet": {"type": "object"}}
    return {
        kind: {"type": "object", "properties": {"metadata": _METADATA, "spec": spec}}
        for kind, spec in specs.items()
    }


def _drop(parts: dict[str, Any], place: Sequence[Key]) -> None:
    """Take away what stands at `place`; of an item of a list the whole list, whose numbers would shift."""
    *above, last = place[:-1] if isinstance(place[-1], int) else place
    held: Any = parts
    with suppress(LookupError):  # gone already, with something above it
        for key in above:
            held = held[key]
        del held[last]


def _closed(schema: Any) -> Any:
    """Return `schema` so that it refuses unknown fields, as the API server does when it is asked to."""
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: {name: _closed(below) for name, below in value.items()}
        if key == "properties"
        else _closed(value)
        for key, value in schema.items()
    }
    return {"additionalProperties": False, **closed} if "properties" in closed else closed


def _without_nulls(value: Any, schema: Any) -> Any:
    """Return `value` without fields that are null, apart from those of mappings with any keys."""
    if isinstance(value, Mapping) and "properties" in schema:
        return {
            key: _without_nulls(below, schema["properties"].get(key, {}))
            for key, below in value.items()
            if below is not None
        }
    if isinstance(value, list):
        return [_without_nulls(below, schema.get("items", {})) for below in value]
    return value
