"""Find the model field that a place in the stack file stands for.

Of a section of several kinds, such as `dns` with its strategies, and none of them named, the kind that is
meant is guessed: otherwise all its keys would have to be called unknown, or go unread.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from components.stackfile.base import descriptions
from components.stackfile.problems import Key, Problem, nearest, without_login

Model = type[BaseModel]


def variants(model: Model, section: Key) -> dict[str, Model]:
    """Return the models of a section that is of several kinds, by the name of the kind; {} for any other."""
    field = _field(model, section)
    if not field or not isinstance(field.discriminator, str):
        return {}
    found = [kind for kind in _members(field.annotation) if _is_model(kind)]
    return {typing.get_args(kind.model_fields[field.discriminator].annotation)[0]: kind for kind in found}


def known_keys(model: Model, path: Sequence[Key], variant: str = "") -> list[str]:
    """Return the keys that may stand in the mapping at `path`; those of `variant`, if its section has it."""
    chosen = variants(model, path[0]).get(variant) if len(path) == 1 else None
    models = [chosen] if chosen else filter(_is_model, _types_at(model, path))
    return list(dict.fromkeys(f.alias or name for m in models for name, f in m.model_fields.items()))


def field_at(model: Model, path: Sequence[Key]) -> FieldInfo | None:
    """Return the model field that `path` stands in: its own, or that of the list or mapping it is in."""
    return next((owner.model_fields[name] for owner, name in _named(model, path)), None)


def meaning_at(model: Model, path: Sequence[Key]) -> str:
    """Return the docstring, in one line, of the field that `path` stands in; "" if there is none."""
    found = (descriptions(owner).get(name, "") for owner, name in _named(model, path))
    return " ".join(next(found, "").split())


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a secret may stand in `field`, or behind its keys."""
    return "SecretStr" in str(field.annotation)


def is_text(field: FieldInfo) -> bool:
    """Tell whether only a text may stand in `field`."""
    return set(_members(field.annotation)) <= {str, types.NoneType}


def is_secret_at(model: Model, path: Sequence[Key]) -> bool:
    """Tell whether the value at `path` is itself a secret, not a mapping of some or an entry of its name."""
    return SecretStr in _types_at(model, path)


def _named(model: Model, path: Sequence[Key]) -> Iterator[tuple[Model, str]]:
    """Yield the models and names of the fields that `path` stands in, the innermost first."""
    for length in range(len(path), 0, -1):
        for owner in filter(_is_model, _types_at(model, path[: length - 1])):
            if name := _name(owner, path[length - 1]):
                yield owner, name


def _types_at(model: Model, path: Sequence[Key]) -> list[object]:
    """Return the types that a value at `path` may have."""
    kinds: list[object] = [model]
    for key in path:
        kinds = [inner for kind in kinds for inner in _below(kind, key)]
    return kinds


def _below(kind: object, key: Key) -> list[object]:
    """Return the types that stand behind `key` of a model, or behind any key of a mapping or list."""
    if _is_model(kind):
        field = _field(kind, key)
        return _members(field.annotation) if field else []
    return _members(typing.get_args(kind)[-1]) if typing.get_origin(kind) in (dict, list) else []


def _is_model(kind: object) -> typing.TypeGuard[Model]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _name(model: Model, key: Key) -> str:
    return next((name for name, field in model.model_fields.items() if key in (name, field.alias)), "")


def _field(model: Model, key: Key) -> FieldInfo | None:
    return model.model_fields.get(_name(model, key))


def _members(annotation: object) -> list[object]:
    """Return the types that a value of `annotation` may have."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _members(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [member for argument in typing.get_args(annotation) for member in _members(argument)]
    return [annotation]


def _tag_of(model: Model, section: str) -> str:
    """Return the key that names the kind of a section, such as `strategy`; "" if it is of one kind only."""
    field = field_at(model, [section])
    return str(field.discriminator or "") if field else ""


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
    tag, usual, known = _tag_of(model, section), _usual(model, section), [*variants(model, section)]
    meaning = meaning_at(model, [section]).removesuffix(".")
    why = f"it decides {meaning[:1].lower()}{meaning[1:]}"
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
    return next(iter(named or difflib.get_close_matches(tag, unknown, n=1, cutoff=0.6)), tag)


def _guess(written: object, value: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    """Return the kind that `written` is like, or that has most of the keys; "" if none has any."""
    if isinstance(written, str) and (like := difflib.get_close_matches(written, list(keys), n=1, cutoff=0.5)):
        return like[0]
    counts = {variant: len(value.keys() & set(of_variant)) for variant, of_variant in keys.items()}
    best = max(counts, key=lambda variant: counts[variant])
    return best if counts[best] else ""
