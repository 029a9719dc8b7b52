"""The values of a Helm release, before and afterwards, as a diff of YAML."""

from __future__ import annotations

import difflib
from typing import Any

import yaml

from review.changes import SECRET, Change, Operation


def values_diff(change: Change) -> str:
    """Return the diff of a release's values, "" where they stay; secrets stay blinded.

    A secret that changes looks the same on both sides; the engine's word for it is added as a comment.
    """
    before, after = _lines(change.old.get("values")), _lines(change.new.get("values"))
    if change.operation is Operation.DELETE:
        return ""
    lines = list(difflib.unified_diff(before, after, lineterm=""))[2:]
    secrets = [path for path in change.paths if path.startswith("values.") and _is_secret(change.new, path)]
    return "\n".join([*lines, *(f"# {path} changes; it is secret" for path in secrets)])


def _lines(values: Any) -> list[str]:
    return yaml.safe_dump(values, allow_unicode=True, width=1000).splitlines() if values else []


def _is_secret(inputs: Any, path: str) -> bool:
    for key in path.split("."):
        inputs = inputs.get(key) if isinstance(inputs, dict) else None
    return bool(inputs == SECRET)
