"""The shape of an Application: what is text, a list or a mapping, and which fields there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.projects.application import Application
from components.projects.crd import KNOWN, Misfit
from components.projects.section import IN_CLUSTER
from components.stackfile import yaml_nodes
from components.stackfile.problems import Key, Problem, nearest

_TEXT = "text"
WORDS = {
    "string": _TEXT,
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping (key: value)",
    "^.{2,}|[^./]$": "a folder below the root",
}
_URL = "http://git.protobox/gitlab/protobox1/docserver.git"
_EXAMPLES: Mapping[Key, str] = {
    "project": "default",
    "source": f"{{repoURL: {_URL}, path: deploy}}",
    "destination": f"{{server: {IN_CLUSTER}}}",
    "server": IN_CLUSTER,
    "repoURL": _URL,
    "syncOptions": "[CreateNamespace=true]",
    "finalizers": "[resources-finalizer.argocd.argoproj.io]",
    "labels": "{team: docs}",
    "annotations": "{team: docs}",
    "metadata": "{name: argo-docserver}",
    "kind": "Deployment",
    "path": "deploy",
    "count": "2",
    "drySource": f"{{repoURL: {_URL}, path: deploy, targetRevision: CD}}",
    "syncSource": "{path: deploy, targetBranch: rendered}",
}
_ANY = "docserver"
_FIXES = {_TEXT: _ANY, "a whole number": "3", "a list": "[]", "a mapping (key: value)": "{}"}
"""What is expected → an example, where the field has none of its own."""
_ASKED_FOR_ELSEWHERE = frozenset({("spec", "project"), ("spec", "destination")})


def shape_problems(application: Application) -> list[Problem]:
    """Return what has another type than the field that it stands in."""
    # Of one value that breaks several rules it is told once: an empty one is also none that fits.
    found = {misfit.place: misfit for misfit in application.misfits if misfit.is_of_type}
    return [_problem(application, misfit) for misfit in found.values()]


def field_problems(application: Application, *, sure: bool) -> Iterator[Problem]:
    """Yield what is missing, and what there is not: where not `sure` of the CRD in use, only if misspelt."""
    meant = {(*misfit.place[:-1], misfit.meant) for misfit in application.misfits if misfit.meant}
    for misfit in application.misfits:
        *above, key = misfit.place or ("",)
        where = _field(tuple(above)) or "an Application"
        if misfit.rule == "required" and misfit.place not in _ASKED_FOR_ELSEWHERE | meant:
            if key == "repoURL" and application.lacks_repository(above):
                continue
            what = f"{key} is missing in {where}"
            yield application.wrong(above, what, "Argo CD needs it", f"add {key}: {_EXAMPLES.get(key, _ANY)}")
        elif misfit.is_unknown and (sure or misfit.meant):
            yield application.wrong(
                misfit.place,
                f"there is no field {key!r} in {where}",
                "Kubernetes would refuse the Application, or drop the field without a word",
                nearest(str(key), misfit.expected),
            )


def unknown_fields(application: Application) -> Iterator[str]:
    """Yield a warning for each field that the CRD of the default chart does not have."""
    for misfit in application.misfits:
        if misfit.is_unknown:
            yield (
                f"{_field(misfit.place)} is no field of an Application in {KNOWN}. If this stack's chart "
                "is not newer, Kubernetes refuses the Application, or drops the field without a word"
            )


def _problem(application: Application, misfit: Misfit) -> Problem:
    written = _written(application, misfit.place)
    types = misfit.expected if isinstance(misfit.expected, list) else [misfit.expected]
    expected = " or ".join(WORDS.get(str(kind), f"a value that fits {kind}") for kind in types)
    return application.wrong(
        misfit.place,
        f"{_field(misfit.place)} is {_called(misfit.value, written)}; {expected} is expected",
        f"Kubernetes would refuse the {application.manifest['kind']}",
        _fix(misfit.place[-1], expected, misfit.value, written),
    )


def _field(place: tuple[Key, ...]) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")


def _written(application: Application, place: tuple[Key, ...]) -> str:
    """Return a number or truth value as its file has it, "" where only its value is known.

    The two differ: `1.10` is the number 1.1, and `012` is 10.
    """
    nodes = [*yaml_nodes.along(application.document.root, place)] if application.document else []
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


def _fix(field: Key, expected: str, value: Any, written: str) -> str:
    bare = str(value).strip().lower()
    match value:
        case bool() | int() | float() if expected == _TEXT and written:
            return f'put it in quotes: "{written}"'
        case bool() if expected == _TEXT:
            return "put it in quotes, as it stands there"
        case int() | float() if expected == _TEXT:
            return "put it in quotes, with every digit that it has"
        case str() if expected == "true or false" and bare in {"true", "false"}:
            return f"write {bare} without quotes"
        case str() if expected == "a whole number" and bare.lstrip("-").isdecimal():
            return f"write {bare} without quotes"
        case _:
            example = _EXAMPLES.get(field) or _FIXES.get(expected)
            return f"write {expected}, for example {example}" if example else f"write {expected}"
