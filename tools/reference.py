"""The reference page of the stack file, made from the same schema as the editors' help: `make schema`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.stackfile.base import PROJECT
from components.stackfile.messages import in_one_line

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "null": "nothing",
}
_HEAD = """\
# The stack file

Every section and every key of a `Pulumi.<stack>.yaml`, with its meaning and its default. This page and
[the schema](../schema/stack.schema.json), from which an editor offers the same, are made from the program's
own models by `make schema`. Whole sites to copy from are in [examples/](../examples/README.md).

A key without a default may be left out, unless it is marked **required**. A *secret* is set with
`pulumi config set --secret --path '<section>.<key>'`; in clear text it is refused.
"""


def reference(schema: Mapping[str, Any]) -> str:
    """Return the page for the schema that `tools.schema.stack_schema` makes."""
    definitions: Mapping[str, Any] = schema["$defs"]
    config = schema["properties"]["config"]
    parts = [_HEAD]
    described: list[str] = []
    for key, section in config["properties"].items():
        needed = " (required)" if key in config["required"] else ""
        parts.append(f"## `{key}`{needed}\n\n{section['description']}\n")
        if found := _example(key, section):
            parts.append(found)
        for name in _named(section):
            parts.append(_definition(name, definitions, described, heading=len(_named(section)) > 1))
            described.append(name)
        later = [name for name in _below(_named(section), definitions) if name not in described]
        for name in later:
            parts.append(_definition(name, definitions, described, heading=True))
            described.append(name)
    return "\n".join(parts)


def _definition(name: str, definitions: Mapping[str, Any], described: Sequence[str], *, heading: bool) -> str:
    model = definitions[name]
    keys: Mapping[str, Any] = model["properties"]
    # What another model that is on the page already says in the same words is not said again.
    bases = [other for other in described if definitions[other]["properties"].items() <= keys.items()]
    base = max(bases, key=lambda other: len(definitions[other]["properties"]), default="")
    known = definitions[base]["properties"] if base else {}
    rows = [
        "| key | what stands there | default | meaning |",
        "|---|---|---|---|",
        *(_row(key, keys[key], key in model.get("required", [])) for key in keys if key not in known),
    ]
    table = "\n".join(rows) + "\n"
    if base:
        table = f"All keys of [{_title(base)}](#{_anchor(base)}), and:\n\n{table}"
    anchor = f'<a id="{_anchor(name)}"></a>'
    if not heading:
        return f"{anchor}\n\n{table}"
    return f"### {anchor}{_title(name)}\n\n{model.get('description', '')}\n\n{table}"


def _row(key: str, value: Mapping[str, Any], required: bool) -> str:  # noqa: FBT001 - a cell of the table
    default = "**required**" if required else _code(value["default"]) if "default" in value else ""
    meaning = " ".join(str(value.get("description", "")).split())
    if examples := value.get("examples"):
        meaning += f" Example: {_code(examples[0])}"
    return f"| `{key}` | {_kind(value)} | {default} | {meaning.replace('|', chr(92) + '|')} |"


def _kind(value: Mapping[str, Any]) -> str:
    """Return in words what may stand there."""
    several = value.get("anyOf") or value.get("oneOf")
    if several:
        kinds = [_kind(kind) for kind in several if kind.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in value:
        name = value["$ref"].removeprefix("#/$defs/")
        return "secret" if name == "Secret" else f"[{_title(name)}](#{_anchor(name)})"
    if "enum" in value or "const" in value:
        return ", ".join(_code(choice) for choice in value.get("enum", [value.get("const")]))
    return _plain_kind(value)


def _plain_kind(value: Mapping[str, Any]) -> str:
    kinds = value.get("type", [])
    inner = value.get("additionalProperties")
    if kinds == "array":
        return f"list of {_kind(value.get('items', {}))}"
    if isinstance(inner, Mapping):
        return f"mapping of {_kind(inner)}"
    named = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(_WORDS[kind] for kind in named) or "anything"


def _named(value: Any) -> list[str]:
    """Return the models that stand directly behind a key, without those below them."""
    found = re.findall(r'"#/\$defs/(\w+)"', json.dumps(value))
    return [name for name in dict.fromkeys(found) if name != "Secret"]


def _below(names: list[str], definitions: Mapping[str, Any]) -> Iterator[str]:
    """Yield the models that those of `names` use, nearest first."""
    seen = set(names)
    waiting = list(names)
    while waiting:
        for value in definitions[waiting.pop(0)]["properties"].values():
            for name in _named(value):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
                    yield name


def _example(key: str, section: Mapping[str, Any]) -> str:
    examples = section.get("examples")
    return f"```yaml\n{key}: {in_one_line(examples[0])}\n```\n" if examples else ""


def _title(name: str) -> str:
    return name.removesuffix("Settings")


def _anchor(name: str) -> str:
    return f"{PROJECT}-{name.removesuffix('Settings').lower()}"


def _code(value: Any) -> str:
    return f"`{in_one_line(value)}`".replace("|", r"\|")
