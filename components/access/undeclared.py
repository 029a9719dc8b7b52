"""Entries with `declare: false`: somebody else declares the object, and this stack only refers to it."""

from __future__ import annotations

from collections.abc import Iterator

from components.stackfile.base import Section
from components.stackfile.problems import Problem


def unused_keys(entry: Section, what: str, *used: str) -> Iterator[Problem]:
    """Yield a problem for each key that is set in an entry with `declare: false`, apart from those in `used`.

    Args:
        entry: the entry.
        what: what it is, with its article.
        used: the names of the fields that are of use all the same.
    """
    for name in sorted(entry.model_fields_set - {"declare", *used}):
        key = type(entry).model_fields[name].alias or name
        yield Problem(
            (key,),
            f"{key} is set for {what} that this stack does not declare",
            "it would be written nowhere",
            f"take out {key}:, or declare: false",
        )
