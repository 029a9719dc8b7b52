"""Find the model field that a place in the stack file stands for."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from components.stackfile.base import descriptions
from components.stackfile.problems import Key

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
