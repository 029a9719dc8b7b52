"""What a change writes into texts, as diffs: the Corefiles, and the values of a Helm release."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import yaml

from components.argocd.values import value_at as at
from review.changes import SECRET, Change, Operation, Preview, items, mapping
from review.details import edits
from review.words import Kind, kind, object_name


def diffs(preview: Preview) -> Iterator[tuple[str, str]]:
    """Yield the title and the diff of each text that changes: first the Corefiles, then the values."""
    for change in preview.changes:
        if kind(change) is Kind.DNS_LAYER:
            yield from corefile_diffs(change)
    for change in preview.changes:
        if kind(change) is Kind.ARGO_CD and (diff := values_diff(change)):
            yield f"values of the release {object_name(change)}", diff


def corefile_diffs(change: Change) -> Iterator[tuple[str, str]]:
    """Yield the title and the diff of each Corefile of a DNS layer that is written.

    What a deletion cuts out is told from what the state remembers, since nobody has read the live text.
    """
    if change.operation is not Operation.DELETE:
        for title, lines in edits(change).items():
            yield title.partition(" at resourceVersion ")[0], "\n".join(map(str, lines))
        return
    for key, blocks in mapping(change.old.get("written")).items():
        lines = [f"-{line}" for block in items(blocks) for line in str(block).splitlines()]
        if lines:
            yield f"{change.old.get('namespace')}/{change.old.get('name')} {key}", "\n".join(lines)


def values_diff(change: Change) -> str:
    """Return the diff of a release's values, "" where they stay; secrets stay blinded.

    A secret that changes looks the same on both sides; the engine's word for it is added as a comment.
    """
    if change.operation is Operation.DELETE:
        return ""
    before, after = _lines(change.old.get("values")), _lines(change.new.get("values"))
    lines = list(difflib.unified_diff(before, after, lineterm=""))[2:]
    secrets = [path for path in change.paths if at(change.new, *path.split(".")) == SECRET]
    return "\n".join([*lines, *(f"# {path} changes; it is secret" for path in secrets)])


def _lines(values: Any) -> list[str]:
    return yaml.safe_dump(values, allow_unicode=True, width=1000).splitlines() if values else []
