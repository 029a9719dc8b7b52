"""From the engine's configuration values to a model, or to messages that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.stackfile.base import Section
from components.stackfile.messages import problems_of, unknown_keys
from components.stackfile.places import StackFile
from components.stackfile.problems import Key, Problem, SettingsError
from components.stackfile.secret_places import in_clear_text, traps_in, wrongly_encrypted
from components.stackfile.stand_ins import StandIn, without_mistakes
from components.stackfile.variants import with_variants

Whole = TypeVar("Whole", bound=Section)


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
    """Return what `values` (section name → value) say.

    Args:
        sections: the sections that there are.
        values: what stands in them.
        file: where it stands, for lines in messages.
        checks: what to ask of all sections together. They see what is left without the mistakes.

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
    problems += [trap for trap in traps_in(model, file) if trap.path not in told]
    problems += in_clear_text(model, file)
    # Whether a secret may stand there is not known of a misspelt key, nor of what is below it.
    problems += _outside(told, wrongly_encrypted(model, file, sections.in_place_of_a_secret))
    known = {problem.path for problem in problems} - misspelt
    problems += [problem for problem in problems_of(model, details, file) if problem.path not in known]
    mistaken = [detail["loc"] for detail in details]
    if checked := whole or _validated(model, without_mistakes(model, values, mistaken, sections.stand_ins)):
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
