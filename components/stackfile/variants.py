"""A section of several kinds, such as `dns` with its strategies: which kind is meant where none is named.

The rest of the section is read as that kind. Without a guess all its keys would have to be called unknown, or
go unread.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from components.stackfile.fields import Model, field_at, known_keys, meaning_at, variants
from components.stackfile.nearest import nearest
from components.stackfile.problems import Problem, without_login

_ALIKE = 0.6


def _tag_of(model: Model, section: str) -> str:
    """Return the key that names the kind of a section, such as `strategy`; "" if it is of one kind only."""
    field = field_at(model, [section])
    return str(field.discriminator or "") if field else ""


def _why_of(model: Model, section: str) -> str:
    """Return why it matters of which kind a section is."""
    meaning = meaning_at(model, [section]).removesuffix(".")
    return f"it decides {meaning[:1].lower()}{meaning[1:]}"


def with_variants(model: Model, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return the sections with the kinds that are probably meant, and what is wrong with those named."""
    problems: list[Problem] = []
    for section, value in values.items():
        known = variants(model, section)
        if known and isinstance(value, Mapping) and value.get(_tag_of(model, section)) not in [*known]:
            guessed, found = _guessed(model, section, value)
            values, problems = {**values, section: guessed}, [*problems, *found]
    return values, problems


def _guessed(
    model: Model, section: str, value: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Sequence[Problem]]:
    tag, why, known = _tag_of(model, section), _why_of(model, section), [*variants(model, section)]
    usual = _usual(model, section)
    keys = {variant: known_keys(model, [section], variant) for variant in [usual, *known]}
    key = _key(tag, value, keys)
    written = value.get(key)
    guess = _guess(written, value, keys)
    problems = []
    if key != tag:
        what, fix = f"there is no key {key!r} here", f"did you mean {tag!r}? Known here: "
        problems.append(
            Problem((section, key), what, why, fix + ", ".join(known_keys(model, [section], guess)))
        )
    if written is None:
        fix = f"add {tag}: {guess or usual}; known here: {', '.join(known)}"
        problems.append(Problem((section, key), f"the {tag} is missing", why, fix))
    elif written not in known:
        what = (
            f"there is no {tag} {without_login(written)!r}"
            if isinstance(written, str)
            else f"this is no {tag}"
        )
        fix = nearest(str(written), known).replace("take it out", f"write {guess or usual}")
        problems.append(Problem((section, key), what, why, fix))
    rest = {name: inner for name, inner in value.items() if name not in {key, tag}}
    return {tag: guess, **rest} if guess else rest, problems


def _usual(model: Model, section: str) -> str:
    """Return the kind that the section's example is of."""
    field = field_at(model, [section])
    return str(field.examples[0][_tag_of(model, section)]) if field and field.examples else ""


def _key(tag: str, value: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    """Return the key that the kind stands behind, or would."""
    if tag in value:
        return tag
    known = {key for of_variant in keys.values() for key in of_variant}
    unknown = [key for key in value if key not in known]
    named = [key for key in unknown if value[key] in list(keys)]
    return next(iter(named or difflib.get_close_matches(tag, unknown, n=1, cutoff=_ALIKE)), tag)


def _guess(written: object, value: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    """Return the kind that `written` is like, or that has most of the keys; "" if none has any."""
    if isinstance(written, str) and (like := difflib.get_close_matches(written, list(keys), n=1, cutoff=0.5)):
        return like[0]
    counts = {variant: len(value.keys() & set(of_variant)) for variant, of_variant in keys.items()}
    best = max(counts, key=lambda variant: counts[variant])
    return best if counts[best] else ""
