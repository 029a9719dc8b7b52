"""`python -m tools.generate`: write what is made from the models into the project's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.reference import reference
from tools.schema import stack_schema

_CONFIG = """\
config:
  # Made from the models by `make schema`. Every section may be absent here as far as the engine is concerned:
  # the program itself tells what is missing, with the line to add, and several mistakes at once.
"""


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
