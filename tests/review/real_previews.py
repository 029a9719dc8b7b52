"""Previews that the real engine has printed on the lab, made small: `tests/engine/review` compares them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from review.changes import Preview
from review.details import explanation
from review.digest import parse_preview
from review.guard import refusals
from review.words import MARKS, subject

FOLDER = Path(__file__).parent / "previews"
WORKING = (
    "first-deploy",
    "no-changes",
    "drift",
    "to-consul",
    "to-host-aliases",
    "another-namespace",
)
FAILED = ("mistakes", "foreign-block", "protected-project")

_OF_A_STATE = ("urn", "type", "inputs", "protect", "retainOnDelete")


def text(name: str) -> str:
    """Return a preview as it would stand in its file."""
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


@cache
def real(name: str) -> Preview:
    """Return a preview, read."""
    return parse_preview(text(name))


def trimmed(printed: str) -> str:
    """Return what the engine has printed without what is of this machine or moment, and not reviewed."""
    document = json.loads(printed)
    for step in document["steps"]:
        step.pop("provider", None)
        for side in ("oldState", "newState"):
            if side in step:
                step[side] = _state(step[side])
    return json.dumps(document, indent=1) + "\n"


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: state[key] for key in _OF_A_STATE if key in state}
    if "inputs" in kept:
        kept["inputs"] = {key: value for key, value in kept["inputs"].items() if key != "__provider"}
    return kept


def in_words(preview: Preview) -> list[str]:
    """Return what a note says of a preview, but for its diffs and its messages, line by line.

    Of one that has failed only what stopped it: how far the engine gets until then differs.
    """
    changes = [
        f"{MARKS[one.operation]} {subject(one, preview)}: {explanation(one)}" for one in preview.changes
    ]
    refused = [f"refused: {subject(one.change, preview)}" for one in refusals(preview)]
    severities = [f"{one.severity} {one.name}" for one in preview.diagnostics]
    planned = [] if preview.errors else sorted(changes)
    return [*planned, *sorted(refused), *sorted(severities)]
