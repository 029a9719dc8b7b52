"""`python -m tools.generate`: write what is made from the models into the project's folder.

The reference page of the stack file is made from the same schema as the editors' help.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.stackfile.messages import in_one_line
from components.stackfile.problems import PROJECT
from tools.schema import stack_schema

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
`pulumi config set --secret --path '<section>.<key>'`; in clear text it is refused. Keys that only GitHub or a
cloud asks for stand [at the end](#logins-to-github-google-azure-and-amazon).
"""
_CONFIG = """\
config:
  # Made from the models by `make schema`. Every section may be absent here as far as the engine is concerned:
  # the program itself tells what is missing, with the line to add, and several mistakes at once.
"""
_LOGINS = """\
## Logins to GitHub, Google, Azure and Amazon

A private site has no use for these keys, which is why they stand apart.
"""


def reference(schema: Mapping[str, Any]) -> str:
    """Return the page for the schema that `tools.schema.stack_schema` makes."""
    config, page = schema["properties"]["config"], _Page(schema["$defs"])
    for key, section in config["properties"].items():
        needed = " (required)" if key in config["required"] else ""
        page.parts.append(f"## `{key}`{needed}\n\n{section['description']}\n")
        page.parts += _example(key, section)
        named = _named(section)
        for name in named:
            page.describe(name, heading=len(named) > 1)
        for name in page.below(named):
            page.describe(name)
    page.describe_logins()
    return "\n".join([_HEAD, *page.parts])


class _Page:
    """The page as far as it is written; a row that it has already is not written again."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._described: list[str] = []
        self.parts: list[str] = []

    def describe(self, name: str, *, heading: bool = True) -> None:
        """Write the table of a model, unless it is there already."""
        if name in self._described:
            return
        model, anchor = self._definitions[name], f'<a id="{_anchor(name)}"></a>'
        about = f"{model.get('description', '')}\n\n"
        text = f"### {anchor}{_title(name)}\n\n{about}" if heading else f"{anchor}\n\n"
        keys = {key: value for key, value in model["properties"].items() if not _is_login(key)}
        while other := max(self._described, key=lambda other: len(self._shared(keys, other)), default=""):
            shared = self._shared(keys, other)
            if not shared:
                break
            listed = ", ".join(f"`{key}`" for key in shared) + " as in"
            if {key for key in self._definitions[other]["properties"] if not _is_login(key)} == {*shared}:
                listed = "All keys of"
            text += f"{listed} [{_title(other)}](#{_anchor(other)}).\n\n"
            keys = {key: value for key, value in keys.items() if key not in shared}
        required = model.get("required", [])
        rows = [_row(key, value, required=key in required) for key, value in keys.items()]
        self.parts.append(text + _table(rows))
        self._described.append(name)

    def _shared(self, keys: Mapping[str, Any], other: str) -> list[str]:
        """Return which of `keys` another model has in the same words."""
        known = self._definitions[other]["properties"]
        return [key for key, value in keys.items() if known.get(key) == value]

    def below(self, names: Sequence[str]) -> list[str]:
        """Return the models that those of `names` use, nearest first, apart from logins."""
        found: list[str] = []
        waiting = list(names)
        while waiting:
            properties = self._definitions[waiting.pop(0)]["properties"]
            used = [name for key, value in properties.items() if not _is_login(key) for name in _named(value)]
            new = [name for name in dict.fromkeys(used) if name not in [*names, *found]]
            found += new
            waiting += new
        return found

    def describe_logins(self) -> None:
        """Write the rows of what a private site has no use for, which were left out."""
        self.parts.append(_LOGINS)
        seen: list[tuple[str, Any]] = []
        for name in [*self._described]:
            properties = self._definitions[name]["properties"].items()
            keys = [item for item in properties if _is_login(item[0]) and item not in seen]
            if keys:
                seen += keys
                rows = [_row(key, value, required=False) for key, value in keys]
                self.parts.append(f"Keys of [{_title(name)}](#{_anchor(name)}):\n\n{_table(rows)}")
        for name in dict.fromkeys(name for _, value in seen for name in _named(value)):
            self.describe(name)


def _is_login(key: str) -> bool:
    return key.startswith(("githubApp", "gcp", "useAzure", "awsAuth"))


def _table(rows: Sequence[str]) -> str:
    head = ["| key | what stands there | default | meaning |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n" if rows else ""


def _row(key: str, value: Mapping[str, Any], *, required: bool) -> str:
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


def _example(key: str, section: Mapping[str, Any]) -> list[str]:
    return [f"```yaml\n{key}: {in_one_line(found)}\n```\n" for found in section.get("examples", [])[:1]]


def _title(name: str) -> str:
    return name.removesuffix("Settings")


def _anchor(name: str) -> str:
    return f"{PROJECT}-{name.removesuffix('Settings').lower()}"


def _code(value: Any) -> str:
    return f"`{in_one_line(value)}`".replace("|", r"\|")


def generated(root: Path) -> dict[str, str]:
    """Return file, as seen from the project's folder `root` → what has to be in it."""
    schema = stack_schema()
    sections = schema["properties"]["config"]["properties"]
    project = (root / "Pulumi.yaml").read_text(encoding="utf-8")
    return {
        "schema/stack.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        "docs/stack-file.md": reference(schema),
        "Pulumi.yaml": project.partition("config:\n")[0]
        + _CONFIG
        + "".join(map(_declared, sections.items())),
    }


def _declared(item: tuple[str, Mapping[str, Any]]) -> str:
    """Return a section's declaration in Pulumi.yaml, whose own types are too coarse for more."""
    key, section = item
    sentence = str(section["description"]).split("\n")[0].split(". ")[0].rstrip(".")
    is_list = any(schema.get("type") == "array" for schema in section.get("anyOf", []))
    kind = "type: array\n    items:\n      type: string" if is_list else "type: object"
    default = "[]" if is_list else "{}"
    return f"  {key}:\n    {kind}\n    description: {json.dumps(sentence + '.')}\n    default: {default}\n"


def main() -> int:
    """Write the files; returns the exit code."""
    root = Path.cwd()
    for name, content in generated(root).items():
        file = root / name
        file.parent.mkdir(exist_ok=True)
        changed = not file.exists() or file.read_text(encoding="utf-8") != content
        file.write_text(content, encoding="utf-8")
        print(f"{name}: {'written' if changed else 'was up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
