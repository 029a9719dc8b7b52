"""The shape of an Application: what has to be text, a list or a mapping before anything else is asked of it.

It is that of what the rest of the program reads; the API server checks the rest, field by field.
Source: Application CRD of Argo CD v3.4.4.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.projects.declared import DeclaredApplication
from components.settings import Problem, yaml_nodes
from components.settings.problems import Key

_TEXT = "text"
_LIST = "a list"
_MAPPING = "a mapping (key: value)"
_ANY_KEY = ""

_TEXTS: Mapping[str, Any] = {_ANY_KEY: _TEXT}
_SOURCE: Mapping[str, Any] = dict.fromkeys(
    ("repoURL", "path", "chart", "targetRevision", "ref", "name"), _TEXT
)
_SHAPE: Mapping[str, Any] = {
    "metadata": {
        "name": _TEXT,
        "namespace": _TEXT,
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "finalizers": [_TEXT],
    },
    "spec": {
        "project": _TEXT,
        "source": _SOURCE,
        "sources": [_SOURCE],
        "sourceHydrator": {"drySource": _SOURCE},
        "destination": {"server": _TEXT, "name": _TEXT, "namespace": _TEXT},
        "syncPolicy": {
            "automated": {},
            "syncOptions": [_TEXT],
            "retry": {"backoff": {"duration": _TEXT, "maxDuration": _TEXT}},
            "managedNamespaceMetadata": {"labels": _TEXTS, "annotations": _TEXTS},
        },
    },
}

_FIXES = {
    _TEXT: "write one text in its place",
    _LIST: "write a list: a line with - in front for each item",
    _MAPPING: "write a mapping: a line `key: value` for each field",
}


def shape_problems(application: DeclaredApplication) -> list[Problem]:
    """Return what has another shape than an Application has; with any, nothing else can be said of it."""
    said = application.source.content if application.source else application.manifest
    found = {part: said.get(part) for part in _SHAPE}
    return [
        _problem(application, place, expected, value)
        for place, expected, value in _misfits(found, _SHAPE, ())
    ]


def _problem(application: DeclaredApplication, place: tuple[Key, ...], expected: str, value: Any) -> Problem:
    written = _written(application, place)
    return application.problem(
        place,
        ["spec", *place[1:]],
        f"{_field(place)} is {_called(value, written)}; {expected} is expected",
        "Kubernetes would refuse the Application",
        _quoted(value, written) if expected == _TEXT else _FIXES[expected],
    )


def _misfits(value: Any, shape: Any, place: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str, Any]]:
    """Yield place, what is expected there and what is there instead. A field without value is none at all."""
    match shape:
        case None:
            yield from _no_data(value, place)
        case str() if not isinstance(value, str):
            yield place, shape, value
        case list() if not isinstance(value, list):
            yield place, _LIST, value
        case list():
            for number, item in enumerate(value):
                yield from _misfits(item, shape[0], (*place, number))
        case dict() if not isinstance(value, Mapping):
            yield place, _MAPPING, value
        case dict():
            for key, below in value.items():
                if below is not None or _ANY_KEY in shape:
                    yield from _misfits(below, shape.get(key, shape.get(_ANY_KEY)), (*place, key))


def _no_data(value: Any, place: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str, Any]]:
    """Yield what is neither text, number, truth value nor nothing, at any depth: JSON has nothing else."""
    if isinstance(value, Mapping | list):
        for key, below in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _no_data(below, (*place, key))
        return
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        yield place, _TEXT, value


def _field(place: tuple[Key, ...]) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")


def _written(application: DeclaredApplication, place: tuple[Key, ...]) -> str:
    """Return a number or truth value as its file has it, "" where only its value is known.

    The two differ: `1.10` is the number 1.1, and `012` is 10.
    """
    nodes = [*yaml_nodes.along(application.source.root, place)] if application.source else []
    return yaml_nodes.text(nodes[-1][1]) if len(nodes) == len(place) else ""


def _called(value: Any, written: str) -> str:
    """Return a value in words; text without what it says, since the engine hands secrets over as text."""
    match value:
        case None:
            return "nothing"
        case bool():
            return written or ("true" if value else "false")
        case int() | float():
            return f"the number {written or value}"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return "text" if isinstance(value, str) else "something that JSON does not have"


def _quoted(value: Any, written: str) -> str:
    match value:
        case bool() | int() | float() if written:
            return f'put it in quotes: "{written}"'
        case bool():
            return "put it in quotes, as it stands there"
        case int() | float():
            return "put it in quotes, with every digit that it has"
        case _:
            return _FIXES[_TEXT]
