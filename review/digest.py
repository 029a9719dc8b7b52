"""Read what `pulumi preview --json` prints, reduced to what a reviewer needs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from components.argocd.values import value_at as at
from components.cluster.objects import IDENTITY
from components.cluster.offline import HEADLINE
from components.stackfile.problems import PROJECT, tell
from review.changes import SECRET, Change, Diagnostic, Operation, Preview, items, mapping
from review.markdown import without_ansi
from review.words import QUIET, Kind, kind

_START = re.compile(r"^\ufeff?(?=\{)", re.MULTILINE)
_MEMBERS = {"steps", "diagnostics", "changeSummary"}
_PARTS = ("old", "new", "paths", "retained")
_BOOKKEEPING = ("pulumi:", f"{PROJECT}:", "pulumi-python:dynamic/adoption:")
"""Types that are nothing in the cluster: the stack itself, a connection, or a group of resources."""
_OPERATIONS = {
    "create": Operation.ADD,
    "update": Operation.CHANGE,
    "delete": Operation.DELETE,
    "replace": Operation.REPLACE,
    "create-replacement": Operation.REPLACE,
    "delete-replaced": Operation.REPLACE,
    "import-replacement": Operation.REPLACE,
    "import": Operation.ADOPT,
}
_NOTHING = ("same", "read", "refresh", "discard", "remove-pending")
"""How the engine calls what changes nothing in the cluster, or how that begins."""


class PreviewError(Exception):
    """The file is not what `pulumi preview --json` prints; the text tells the user what it is instead."""

    def __init__(self, what: str, source: object) -> None:
        why = "without it nobody can tell what this change would do, and what it would delete"
        fix = f"see what the engine has said, and run the preview again: pulumi preview --json > {source}"
        super().__init__(tell(what, why, fix).strip())


def read_preview(path: Path) -> Preview:
    """Read the file that `pulumi preview --json` was written to.

    Raises:
        PreviewError: there is no such file, or no complete preview in it.
    """
    try:
        return parse_preview(path.read_text(encoding="utf-8", errors="replace"), str(path))
    except OSError as error:
        raise PreviewError(f"{path} cannot be read: {error.strerror}", path) from None


def parse_preview(text: str, source: str = "the preview") -> Preview:
    """Return the preview in `text`, wherever it begins: warnings may stand before it.

    Raises:
        PreviewError: there is no complete one in it.
    """
    begins = f"it begins with {text.strip()[:60]!r}" if text.strip() else "it is empty"
    wrong = f"{source} is not what `pulumi preview --json` prints: {begins}"
    for start in _START.finditer(text):
        try:
            document, _ = json.JSONDecoder().raw_decode(text, start.end())
        except (ValueError, RecursionError) as error:
            wrong = f"{source} is not complete: {error}"
            continue
        if isinstance(document, dict) and _MEMBERS & set(document):
            return _preview(document)
    raise PreviewError(wrong, source)


def _preview(document: Mapping[str, Any]) -> Preview:
    found: dict[tuple[str, Operation], Change] = {}
    used: dict[str, str] = {}
    for step in map(mapping, items(document.get("steps"))):
        if (change := _change(step)) and not change.type.startswith(_BOOKKEEPING):
            key = (change.urn, change.operation)
            if first := found.get(key):  # a replacement is one change, however many steps it takes
                change = replace(
                    change, **{one: getattr(first, one) or getattr(change, one) for one in _PARTS}
                )
            found[key] = change
        urn = str(step.get("urn"))
        if f"{Kind.APPLICATION}::" in urn:
            inputs = at(step, "newState" if step.get("newState") else "oldState", "inputs")
            used[urn.rpartition("::")[2]] = str(at(inputs, "spec", "project"))
    said = [_diagnostic(one) for one in map(mapping, items(document.get("diagnostics"))) if one]
    if any(one.message.startswith(HEADLINE) for one in said):  # then it knows no secret, and compares none
        found = {key: one for key, one in found.items() if one.old != one.new and kind(one) not in QUIET}
    config = {key: _parsed(value) for key, value in mapping(document.get("config")).items()}
    return Preview([*found.values()], said, config, used)


def _change(step: Mapping[str, Any]) -> Change | None:
    if (op := str(step.get("op"))).startswith(_NOTHING):
        return None
    old, new = mapping(step.get("oldState")), mapping(step.get("newState"))
    urn = str(step.get("urn"))
    return Change(
        _OPERATIONS.get(op, Operation.CHANGE),
        urn,
        _shown(urn, old.get("inputs")),
        _shown(urn, new.get("inputs")),
        tuple(mapping(step.get("detailedDiff"))) or tuple(map(str, items(step.get("diffReasons")))),
        retained=old.get("retainOnDelete") is True,
    )


def _shown(urn: str, inputs: Any) -> dict[str, Any]:
    """Return inputs without Pulumi's own, our mark, and a Secret's content, whatever the engine blinds."""
    hidden = {"data", "stringData"} if f"{Kind.SECRET}::" in urn else set()
    shown = {key: one for key, one in mapping(inputs).items() if not key.startswith("__")}
    annotations = at(shown, "metadata", "annotations")
    if isinstance(annotations, dict):
        annotations.pop(IDENTITY, None)
    return {key: SECRET if key in hidden else one for key, one in shown.items()}


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
