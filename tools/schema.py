"""The JSON schema of a stack file, made from the models, for editors: `make schema` writes it.

Draft 2020-12. Where a secret may stand it asks for `secure:`, since the program refuses one in clear text.
"""

from __future__ import annotations

import inspect
from typing import Any

from components.settings import Settings
from components.stackfile.problems import PROJECT

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_EXAMPLE_OF_A_SECRET = "{secure: ...}"  # noqa: S105 - as messages show it
_SECRET = {"$ref": "#/$defs/Secret"}
_DEFINED: dict[str, Any] = {
    "Secret": {
        "description": "A value that `pulumi config set --secret` has encrypted.",
        "type": "object",
        "properties": {"secure": {"type": "string", "minLength": 1}},
        "required": ["secure"],
        "additionalProperties": False,
    }
}
OF_PULUMI: dict[str, Any] = {
    "encryptionsalt": {
        "description": "Written by Pulumi: the salt of the passphrase that encrypts this file's secrets.",
        "type": "string",
    },
    "encryptedkey": {
        "description": "Written by Pulumi: the key that encrypts this file's secrets.",
        "type": "string",
    },
    "secretsprovider": {
        "description": "Written by Pulumi: what encrypts this file's secrets.",
        "type": "string",
    },
    "environment": {"description": "Environments of Pulumi ESC that this stack imports."},
}
"""What Pulumi itself reads and writes in a stack file (pulumi sdk, `workspace.ProjectStack`)."""


def stack_schema() -> dict[str, Any]:
    """Return the schema of a whole stack file."""
    settings = Settings.model_json_schema(by_alias=True)
    sections = {
        f"{PROJECT}:{name}": _optional(name, section, settings["required"])
        for name, section in settings["properties"].items()
    }
    schema = {
        "$schema": DIALECT,
        "title": f"Stack file of {PROJECT}",
        "description": "One stack file is one environment.",
        "type": "object",
        "properties": {
            "config": {
                "description": "What the stack is to be.",
                "type": "object",
                "properties": sections,
                "required": [f"{PROJECT}:{name}" for name in settings["required"]],
            },
            **OF_PULUMI,
        },
        "additionalProperties": False,
        "required": ["config"],
        "$defs": {**_DEFINED, **settings["$defs"]},
    }
    cleaned: dict[str, Any] = _cleaned(schema)
    cleaned["properties"]["config"] |= {
        "patternProperties": {f"^(?!{PROJECT}:)[^:]+:.+$": {}},  # of Pulumi's providers
        "additionalProperties": False,
    }
    return cleaned


def _optional(name: str, section: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Return a section's schema; with nothing behind its name it has its defaults, if it may be absent.

    So has a project: `docserver:` is `docserver: {}`.
    """
    if name == "projects":
        section = {**section, "additionalProperties": _or_nothing(section["additionalProperties"])}
    return section if name in required else _or_nothing(section)


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {key: schema[key] for key in ("description", "examples") if key in schema}
    bare: dict[str, Any] = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [bare, {"type": "null"}]}


def _cleaned(node: Any) -> Any:
    """Return the schema without what only pydantic reads, with secrets as the file has them."""
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if node == _EXAMPLE_OF_A_SECRET:
        return {"secure": "v1:..."}
    if not isinstance(node, dict):
        return node
    if node.get("format") == "password":
        return {**_SECRET, **({"description": _text(node)} if "description" in node else {})}
    kept = {key: _cleaned(value) for key, value in node.items() if not _is_noise(key, value)}
    if "patternProperties" in kept:  # of a mapping whose keys have a form
        [(pattern, kept["additionalProperties"])] = kept.pop("patternProperties").items()
        kept["propertyNames"] = {"pattern": pattern, **kept.get("propertyNames", {})}
    if "description" in kept and isinstance(kept["description"], str):
        kept["description"] = _text(node)
    return kept


def _is_noise(key: str, value: Any) -> bool:
    generated_title = key == "title" and isinstance(value, str) and not value.startswith("Stack file")
    return generated_title or key == "discriminator" or (key == "default" and value is None)


def _text(node: dict[str, Any]) -> str:
    """Return a docstring as one paragraph for each of its own."""
    paragraphs = inspect.cleandoc(str(node["description"])).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
