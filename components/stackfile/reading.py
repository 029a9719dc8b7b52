"""From the engine's configuration values to a model, or to messages that a person can act on."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.stackfile.base import Section
from components.stackfile.fields import Model, field_at, is_secret, is_secret_at, is_text, with_variants
from components.stackfile.messages import problems_of, unknown_keys
from components.stackfile.places import StackFile
from components.stackfile.problems import Key, Problem, SettingsError, set_secret

Whole = TypeVar("Whole", bound=Section)


@dataclass(frozen=True)
class StandIn:
    """What stands in for a section with mistakes, or for an entry of a mapping or a list."""

    section: Any = None
    """For the whole section; None where it may be absent."""
    entry: Any = None
    """For an entry; None where it may be absent."""
    keeps: frozenset[str] = frozenset()
    """The keys of the section or the entry that stay, unless they are mistakes."""


@dataclass(frozen=True)
class Sections(Generic[Whole]):
    """The sections of a stack file, put together."""

    model: type[Whole]
    """The model of the whole stack file, with a field for each section."""
    stand_ins: Mapping[str, StandIn]
    """Section → what stands in for it, or for its entries, where it has mistakes."""
    in_place_of_a_secret: Callable[[Sequence[Key]], str]
    """Returns what to do about a secret at a place where none may be."""


def read(
    sections: Sections[Whole],
    values: Mapping[str, Any],
    file: StackFile,
    checks: Sequence[Callable[[Whole], Sequence[Problem]]],
) -> Whole:
    """Return what `values` (section name → value) say; `file` knows the lines for messages.

    The checks ask of all sections together, and see what is left without the mistakes.

    Raises:
        SettingsError: something is missing, misspelt or impossible; all problems are in it, in the
            order of the file.
    """
    model = sections.model
    known_sections = {field.alias for field in model.model_fields.values()}
    unknown = {name: None for name in file.sections() if name not in {*values, *known_sections}}
    whole: Whole | None = None
    details: list[ErrorDetails] = []
    values, of_variants = with_variants(model, values)
    problems = [problem for problem in of_variants if not file.is_encrypted(problem.path)]
    try:
        whole = model.model_validate({**values, **unknown})
    except ValidationError as error:
        details = error.errors()
    misspelt = unknown_keys(model, details)
    told = misspelt | {problem.path for problem in problems}
    problems += file.duplicates()
    problems += [trap for trap in _traps_in(model, file) if trap.path not in told]
    problems += _in_clear_text(model, file)
    # Whether a secret may stand there is not known of a misspelt key, nor of what is below it.
    problems += _outside(told, _wrongly_encrypted(model, file, sections.in_place_of_a_secret))
    known = {problem.path for problem in problems} - misspelt
    problems += [problem for problem in problems_of(model, details, file) if problem.path not in known]
    mistaken = [detail["loc"] for detail in details]
    if checked := whole or _validated(model, _without_mistakes(model, values, mistaken, sections.stand_ins)):
        known = {problem.path for problem in problems}
        places: set[tuple[object, ...]] = set()
        for check in checks:
            found = [problem for problem in check(checked) if problem.file or problem.path not in known]
            # What one check has found at a place, a later one only sees the consequences of.
            problems += [
                problem for problem in found if (problem.path, problem.file, problem.line) not in places
            ]
            places |= {(problem.path, problem.file, problem.line) for problem in found}
    if whole and not problems:
        return whole
    raise SettingsError(sorted(map(file.located, problems), key=_order), file.name)


def _outside(places: AbstractSet[tuple[Key, ...]], problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that are neither at nor below one of `places`."""
    lengths = {len(place) for place in places}
    return [problem for problem in problems if not any(problem.path[:length] in places for length in lengths)]


def _order(problem: Problem) -> tuple[object, ...]:
    elsewhere = bool(problem.file)
    return (elsewhere, problem.file, problem.line == 0, problem.line, problem.where)


def _validated(model: type[Whole], values: Mapping[str, Any]) -> Whole | None:
    try:
        return model.model_validate(values)
    except ValidationError:
        return None


def _traps_in(model: Model, file: StackFile) -> list[Problem]:
    """Return the file's traps, apart from those in a secret, of which nothing is shown."""
    return [
        replace(trap, fix=f'write "{trap.what.partition(" is not ")[0]}"')
        if field and is_text(field)
        else trap
        for trap in file.traps()
        if not ((field := field_at(model, trap.path)) and is_secret(field))
    ]


def _wrongly_encrypted(
    model: Model, file: StackFile, instead: Callable[[Sequence[Key]], str]
) -> Iterator[Problem]:
    """Yield a problem for each encrypted value that is none, or that this program would have to show."""
    for path in file.encrypted():
        if (field := field_at(model, path)) and not is_secret(field):
            yield Problem(
                path,
                "no secret may stand here",
                "the value becomes part of an object or of Helm's values that everybody can read, so that it "
                "would be secret in this file only",
                instead(path),
            )
    for path in file.empty_secrets(partial(is_secret_at, model)):
        yield Problem(
            path,
            "there is no encrypted text behind secure:",
            "Pulumi has nothing to decrypt, and the secret would be missing where it is needed",
            f"run this command, which asks for the value:{set_secret(path)}",
        )


def _in_clear_text(model: Model, file: StackFile) -> list[Problem]:
    """Return a problem for each secret that the stack file has in clear text.

    It is looked for in the file itself, so that no other mistake beside it can hide it.
    """
    return [
        Problem(
            path,
            "this secret stands in clear text",
            "whoever can read the repository can read it, and Pulumi would not encrypt it in its state",
            "take it out, change the secret where it was made, since this one has been seen, and run this "
            f"command, which asks for the value:{set_secret(path)}",
        )
        for path in dict.fromkeys(file.in_clear(partial(is_secret_at, model)))
    ]


def _without_mistakes(
    model: Model,
    values: Mapping[str, Any],
    places: Sequence[tuple[Key, ...]],
    stand_ins: Mapping[str, StandIn],
) -> dict[str, Any]:
    """Return `values` without what has mistakes.

    An entry with a mistake leaves the others of its section; any other section goes whole. In the `places` of
    the mistakes `[key]` marks that the name of an entry is one.
    """
    kinds = {field.alias: typing.get_origin(field.annotation) for field in model.model_fields.values()}
    kept = dict(values)
    for section in dict.fromkeys(str(place[0]) for place in places):
        stand_in, value = stand_ins.get(section, StandIn()), values.get(section)
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
