"""Argo CD's CRDs, as Argo CD v3.4.4 ships them (Apache License 2.0), without the descriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("crds.json")
CRDS: dict[Any, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
"""Kind → the schema of its `spec`."""


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
