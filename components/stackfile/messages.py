"""Pydantic's errors, told as what is wrong, where, why it matters and what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.stackfile.fields import Model, field_at, is_secret, known_keys, meaning_at, variants
from components.stackfile.places import StackFile
from components.stackfile.problems import PROJECT, Key, Problem, nearest, without_login

_NO_BLANK = re.compile(r"[A-Za-z]\w*:[^\s/:]\S*")
"""A key and a value with no blank between them, which YAML takes for one text."""
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}


def problems_of(model: Model, errors: Sequence[ErrorDetails], file: StackFile) -> list[Problem]:
    """Return the problems that pydantic's errors stand for; `file` knows what must not be shown."""
    return [problem for details in errors for problem in _problems(model, details, file)]


def unknown_keys(model: Model, errors: Sequence[ErrorDetails]) -> set[tuple[Key, ...]]:
    """Return the places of the keys that are none."""
    return {_place(model, details)[1] for details in errors if details["type"] == "extra_forbidden"}


def _problems(model: Model, details: ErrorDetails, file: StackFile) -> list[Problem]:
    variant, path = _place(model, details)
    context = details.get("ctx", {})
    if details["type"].startswith("union_tag"):
        return []  # `with_variants` tells it
    if details["type"] == "mistakes":
        found: list[Problem] = context["problems"]
        return [
            replace(problem, path=(*path, *problem.path), fix=problem.fix.replace("<name>", str(path[-1])))
            for problem in found
        ]
    field = field_at(model, path)
    if file.is_encrypted(path) or (field and is_secret(field)):
        details = {**details, "input": SecretStr("")}
    what, fix = _what_and_fix(model, details, path, variant)
    why = str(context.get("why", "")) or _why(model, details, path)
    fix = str(context.get("fix", "")) or fix
    if details["loc"][-1] == "[key]" and fix.startswith("write "):
        example = field.examples[0] if field and field.examples else None
        if details["type"] == "string_pattern_mismatch" and isinstance(example, Mapping):
            fix = f"write for example {next(iter(example))}"
        fix = f"{fix}: in place of {without_login(str(path[-1]))!r}:"
    return [Problem(path, what, why, fix)]


def _place(model: Model, details: ErrorDetails) -> tuple[str, tuple[Key, ...]]:
    """Return the kind of the section, and the key's path, without the marks that pydantic puts between."""
    path = [part for part in details["loc"] if part != "[key]"]
    variant = ""
    if len(path) > 1 and path[1] in variants(model, path[0]):
        variant = str(path.pop(1))
    return variant, tuple(path)


def _what_and_fix(
    model: Model, details: ErrorDetails, path: tuple[Key, ...], variant: str
) -> tuple[str, str]:
    example = _example(path, field_at(model, path))
    match details["type"]:
        case "mistake":
            pair = details["msg"], example
        case "missing":
            pair = "this key is missing", f"add it, for example {example}" if example else "add it"
        case "extra_forbidden":
            of_sections = f"{PROJECT}:" if len(path) == 1 else ""
            fix = nearest(str(path[-1]), known_keys(model, path[:-1], variant))
            pair = (
                f"there is no key {without_login(str(path[-1]))!r} here",
                fix.replace("did you mean '", f"did you mean '{of_sections}"),
            )
        case _:
            pair = _of_a_value(details, example)
    return pair


def _of_a_value(details: ErrorDetails, example: str) -> tuple[str, str]:
    """Return what is wrong with a value that stands in the right place, and the fix."""
    value, context = details["input"], details.get("ctx", {})
    described, such = _described(value), f", for example {example}" if example else ""
    match details["type"]:
        case "literal_error":
            pair = f"{described} is not allowed here", f"write one of {context['expected']}"
        case "string_type" if isinstance(value, bool | int | float):
            pair = f"text is expected here, not {described}", "put it in quotes, with every digit that it has"
        case "int_type" if isinstance(value, str) and value.isdecimal():
            pair = f"a whole number is expected here, not {described}", f"write {value} without quotes"
        case "string_pattern_mismatch":
            pair = (
                f"{described} is not allowed here: it has not the right form",
                _write(example, "another text"),
            )
        case "greater_than_equal":
            pair = (
                f"{described} is not allowed here: it is too small",
                f"write at least {context['ge']}{such}",
            )
        case "less_than_equal":
            pair = f"{described} is not allowed here: it is too large", f"write at most {context['le']}{such}"
        case kind if kind in _EXPECTED:
            expected = _EXPECTED[kind]
            pair = f"{expected} is expected here, not {described}", _of_a_type(expected, value, example)
        case _:
            reason = details["msg"][0].lower() + details["msg"][1:]
            pair = f"{described} is not allowed here: {reason}", _write(example, "another value")
    return pair


def _of_a_type(expected: str, value: object, example: str) -> str:
    """Return how to write a value of the type that is expected."""
    is_shown = isinstance(value, str) and value.isprintable() and without_login(value) == value
    if is_shown and expected == _EXPECTED["list_type"]:
        return f"write {in_one_line([value])}"
    if isinstance(value, str) and expected == _EXPECTED["dict_type"] and _NO_BLANK.fullmatch(value):
        return f"write the blank behind the colon: {{{value.replace(':', ': ', 1)}}}"
    return _write(example, "true" if expected == _EXPECTED["bool_type"] else expected)


def _write(example: str, otherwise: str) -> str:
    return f"write for example {example}" if example else f"write {otherwise}"


def _described(value: object) -> str:
    if isinstance(value, SecretStr):
        return "the secret value"
    plain = {None: "nothing", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return plain[value]
    if isinstance(value, (Mapping, list)):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return f"the text {without_login(value)!r}" if isinstance(value, str) else f"the number {value!r}"


def _why(model: Model, details: ErrorDetails, path: tuple[Key, ...]) -> str:
    if details["type"] == "extra_forbidden":
        return "a misspelt key would be ignored, and the setting it means would silently keep its default"
    return meaning_at(model, path)


def _example(path: tuple[Key, ...], field: FieldInfo | None) -> str:
    if field is None or not field.examples:
        return ""
    prefix = f"{PROJECT}:" if len(path) == 1 else ""
    example = field.examples[0]
    if isinstance(example, Mapping) and path[-1] != field.alias and path[-2:-1] == (field.alias,):
        return f"{path[-1]}: {in_one_line(next(iter(example.values())))}"  # an entry of it
    return f"{prefix}{field.alias}: {in_one_line(example)}"


def in_one_line(value: object) -> str:
    """Return `value` in YAML's one-line form."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_one_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(in_one_line, value)) + "]"
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value)
