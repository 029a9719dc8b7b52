"""Read what `pulumi preview --json` prints, reduced to what a reviewer needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from components.settings.problems import tell
from review.changes import (
    SECRET,
    SECRET_TYPE,
    Change,
    Diagnostic,
    Operation,
    Preview,
    items,
    mapping,
)
from review.json_document import CutOffError, Piece, objects
from review.markdown import without_ansi

STACK_TYPE = "pulumi:pulumi:Stack"

_LARGEST = 256 * 1024 * 1024
"""Bytes of a preview at most. One of 200 MB, 25,000 changes, takes 0.43 GB of memory and 8 s."""
_CONTENTS = ("data", "stringData")
_MEMBERS = frozenset({"steps", "diagnostics", "changeSummary"})


class PreviewError(Exception):
    """The file is not what `pulumi preview --json` prints; the text tells the user what it is instead.

    Attributes:
        empty: whether nothing is in it, as when the engine stops before it begins.
    """

    def __init__(self, what: str, fix: str, *, empty: bool = False) -> None:
        self.empty = empty
        why = "without it nobody can tell what this change would do, and what it would delete"
        super().__init__(tell(what, why, fix).strip())


_OPERATIONS = {
    "create": Operation.ADD,
    "update": Operation.CHANGE,
    "delete": Operation.DELETE,
    "replace": Operation.REPLACE,
    "create-replacement": Operation.REPLACE,
    "delete-replaced": Operation.REPLACE,
    "import-replacement": Operation.REPLACE,
    "import": Operation.ADOPT,
    "read": Operation.READ,
}
_NOTHING = frozenset(
    {"same", "refresh", "discard", "discard-replaced", "read-replacement", "remove-pending-replace"}
)
"""The engine's work on its own state."""


def read_preview(path: Path) -> Preview:
    """Read the file that `pulumi preview --json` was written to.

    Raises:
        PreviewError: there is no such file, or no complete preview in it.
    """
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise PreviewError(
                f"{path} has {size // 1024**2:,} MB; at most {_LARGEST // 1024**2} MB are read",
                "look at it with `pulumi preview`, and split the change into smaller ones",
            )
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PreviewError(f"{path} cannot be read: {error.strerror}", _again(path)) from None
    return parse_preview(text, str(path))


def parse_preview(text: str, source: str = "the preview") -> Preview:
    """Return the preview in `text`, wherever it begins: warnings may stand before it.

    Raises:
        PreviewError: there is no complete one in it.
    """
    if not text.strip():
        raise PreviewError(f"{source} is empty", _again(source), empty=True)
    cut_off = ""
    for pieces in objects(text):
        try:
            if preview := _preview(pieces):
                return preview
        except CutOffError as error:
            cut_off = cut_off or str(error)
    if cut_off:
        raise PreviewError(f"{source} is not complete: {cut_off}", _again(source))
    raise PreviewError(
        f"{source} is not what `pulumi preview --json` prints: it begins with {text.strip()[:60]!r}",
        f"{_again(source)}, with PULUMI_ENABLE_STREAMING_JSON_PREVIEW not set",
    )


def _again(source: object) -> str:
    return f"see what the engine has said, and run the preview again: pulumi preview --json > {source}"


def _preview(pieces: Iterable[Piece]) -> Preview | None:
    """Return the preview that has these members, None if they are those of something else."""
    found: dict[tuple[str, Operation], Change] = {}
    diagnostics: list[Diagnostic] = []
    members: dict[str, Any] = {}
    outputs: Mapping[str, Any] = {}
    for name, value in pieces:
        match name:
            case "steps" if isinstance(value, dict):
                if change := _change(value):
                    key = (change.urn, change.operation)
                    found[key] = _together(found[key], change) if key in found else change
                if STACK_TYPE in str(value.get("urn")):
                    outputs = mapping(mapping(value.get("oldState")).get("outputs"))
            case "diagnostics" if isinstance(value, dict):
                diagnostics.append(_diagnostic(value))
        members[name] = value
    if not _MEMBERS & set(members):
        return None
    duration = members.get("duration")
    real = tuple(change for change in found.values() if not change.is_bookkeeping)
    return Preview(
        real,
        len(found) - len(real),
        tuple(diagnostics),
        duration / 1e9 if isinstance(duration, int | float) else None,
        {key: _parsed(value) for key, value in mapping(members.get("config")).items()},
        outputs,
        {key: n for key, n in mapping(members.get("changeSummary")).items() if isinstance(n, int)},
    )


def _change(step: Mapping[str, Any]) -> Change | None:
    op = str(step.get("op"))
    if op in _NOTHING:
        return None
    old, new = mapping(step.get("oldState")), mapping(step.get("newState"))
    urn = str(step.get("urn"))
    change = Change(
        _OPERATIONS.get(op, Operation.CHANGE),
        urn,
        paths=tuple(mapping(step.get("detailedDiff"))) or tuple(map(str, items(step.get("diffReasons")))),
        protected=old.get("protect") is True,
        retained=old.get("retainOnDelete") is True,
    )
    return replace(
        change,
        old=_shown(change.type, old.get("inputs")),
        new=_shown(change.type, new.get("inputs")),
        outputs={"original": mapping(old.get("outputs")).get("original")},
    )


def _together(one: Change, other: Change) -> Change:
    """Return the one replacement that two of its steps stand for."""
    return replace(
        one,
        old=one.old or other.old,
        new=one.new or other.new,
        paths=one.paths or other.paths,
        protected=one.protected or other.protected,
        retained=one.retained or other.retained,
    )


def _shown(kind: str, inputs: Any) -> dict[str, Any]:
    """Return inputs without Pulumi's own, and without a Secret's content, whatever the engine blinds."""
    return {
        key: SECRET if kind == SECRET_TYPE and key in _CONTENTS else value
        for key, value in mapping(inputs).items()
        if not key.startswith("__")
    }


def _diagnostic(value: Mapping[str, Any]) -> Diagnostic:
    severity = str(value.get("severity") or "info")
    message = without_ansi(str(value.get("message") or "")).strip().removeprefix(f"{severity}: ")
    return Diagnostic(severity, message, str(value.get("urn") or ""))


def _parsed(value: Any) -> Any:
    """Return a configuration value: sections come as JSON, everything else as text."""
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return value
