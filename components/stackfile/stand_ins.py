"""What stands in for sections and entries with mistakes, so that the rest can be checked still."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.stackfile.fields import Model
from components.stackfile.problems import Key


@dataclass(frozen=True)
class StandIn:
    """What stands in for a section with mistakes, or for an entry of a mapping or a list."""

    section: Any = None
    """For the whole section; None where it may be absent."""
    entry: Any = None
    """For an entry; None where it may be absent."""
    keeps: frozenset[str] = field(default_factory=frozenset)
    """The keys of the section or the entry that stay, unless they are mistakes."""


_NOTHING = StandIn()


def without_mistakes(
    model: Model,
    values: Mapping[str, Any],
    places: Sequence[tuple[Key, ...]],
    stand_ins: Mapping[str, StandIn],
) -> dict[str, Any]:
    """Return `values` without what has mistakes.

    An entry with a mistake leaves the others of its section; any other section goes whole.

    Args:
        model: the model of the whole stack file.
        values: the sections.
        places: where the mistakes are; `[key]` marks that the name of an entry is one.
        stand_ins: what stands in for a section or its entries.
    """
    kinds = {field.alias: typing.get_origin(field.annotation) for field in model.model_fields.values()}
    kept = dict(values)
    for section in dict.fromkeys(str(place[0]) for place in places):
        stand_in, value = stand_ins.get(section, _NOTHING), values.get(section)
        wrong = {place[1:] for place in places if place[0] == section}
        if kinds.get(section) in {dict, list} and isinstance(value, dict | list) and () not in wrong:
            kept[section] = _entries(value, wrong, stand_in)
        elif stand_in.section is None:
            kept.pop(section, None)
        else:
            kept[section] = {**stand_in.section, **(_kept(value, wrong, stand_in) if () not in wrong else {})}
    return kept


def _entries(value: Any, wrong: set[tuple[Key, ...]], stand_in: StandIn) -> Any:
    names = {place[0] for place in wrong}
    if isinstance(value, list):
        # Something has to stand in its place, or the later entries would be told with another's number.
        return [stand_in.entry if number in names else entry for number, entry in enumerate(value)]
    unnamed = {place[0] for place in wrong if "[key]" in place}
    kept = {}
    for name, entry in value.items():
        if name not in names:
            kept[name] = entry
        elif name not in unnamed and stand_in.entry is not None:
            of_entry = {place[1:] for place in wrong if place[0] == name}
            kept[name] = {**stand_in.entry, **_kept(entry, of_entry, stand_in)}
    return kept


def _kept(value: Any, wrong: set[tuple[Key, ...]], stand_in: StandIn) -> dict[str, Any]:
    """Return what stays of a section or an entry."""
    mistaken = {place[0] for place in wrong if place}
    held = value if isinstance(value, dict) else {}
    return {key: inner for key, inner in held.items() if key in stand_in.keeps - mistaken}
