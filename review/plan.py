"""The file for GitLab's plan widget: three whole numbers."""

from __future__ import annotations

import json

from review.changes import Operation, Preview


def plan(preview: Preview) -> dict[str, int]:
    """Return what `artifacts:reports:terraform` shows; a replacement is an addition and a deletion.

    GitLab accepts whole numbers for exactly these keys. What is adopted or read is not changed.
    """
    counts = preview.counts
    replaced = counts[Operation.REPLACE]
    return {
        "create": counts[Operation.ADD] + replaced,
        "update": counts[Operation.CHANGE],
        "delete": counts[Operation.DELETE] + replaced,
    }


def plan_json(preview: Preview) -> str:
    """Return the content of the file."""
    return json.dumps(plan(preview)) + "\n"
