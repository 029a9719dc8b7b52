"""Find the model field that a place in the stack file stands for."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from components.settings.model import Settings
from components.stackfile.base import descriptions
from components.stackfile.problems import Key


def strategies() -> list[str]:
    """Return the names of the DNS strategies, in the order of the models."""
    return [_strategy(model) for model in _models(Settings.model_fields["dns"])]


def known_keys(path: Sequence[Key], strategy: str = "") -> list[str]:
    """Return the keys that may stand in the mapping at `path`; for `dns`, those of its strategy."""
    models = _models_at(path)
    if strategy and list(path) == ["dns"]:
        models = [model for model in models if _strategy(model) == strategy]
    return list(dict.fromkeys(f.alias or name for m in models for name, f in m.model_fields.items()))


def field_at(path: Sequence[Key]) -> FieldInfo | None:
    """Return the model field that `path` stands in: its own, or that of the list or mapping it is in."""
    return next((model.model_fields[name] for model, name in _named(path)), None)


def meaning_at(path: Sequence[Key]) -> str:
    """Return the docstring, in one line, of the field that `path` stands in; "" if there is none."""
    found = (descriptions(model).get(name, "") for model, name in _named(path))
    return " ".join(next(found, "").split())


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a secret may stand in `field`, or behind its keys."""
    return "SecretStr" in str(field.annotation)


def is_text(field: FieldInfo) -> bool:
    """Tell whether only a text may stand in `field`."""
    return set(_members(field.annotation)) <= {str, types.NoneType}


def is_secret_at(path: Sequence[Key]) -> bool:
    """Tell whether the value at `path` is itself a secret, not a mapping of some or an entry of its name."""
    kinds: list[object] = [Settings]
    for part in path:
        kinds = [inner for kind in kinds for inner in _below(kind, part)]
    return SecretStr in kinds


def _models_at(path: Sequence[Key]) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [Settings]
    for part in path:
        below = [m for model in models for m in _models(_field(model, part))]
        models = below or models  # the key of a free mapping, such as a project's name, leads to its model
    return models


def _named(path: Sequence[Key]) -> Iterator[tuple[type[BaseModel], str]]:
    """Yield the models and names of the fields that `path` stands in, the innermost first."""
    for length in range(len(path), 0, -1):
        for model in _models_at(path[: length - 1]):
            if name := _name(model, path[length - 1]):
                yield model, name


def _name(model: type[BaseModel], key: Key) -> str:
    return next((name for name, field in model.model_fields.items() if key in (name, field.alias)), "")


def _field(model: type[BaseModel], key: Key) -> FieldInfo | None:
    return model.model_fields.get(_name(model, key))


def _models(field: FieldInfo | None) -> list[type[BaseModel]]:
    return _models_in(field.annotation) if field else []


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated, dict, list):
        return [model for argument in typing.get_args(annotation) for model in _models_in(argument)]
    return []


def _strategy(model: type[BaseModel]) -> str:
    return str(typing.get_args(model.model_fields["strategy"].annotation)[0])


def _below(kind: object, key: Key) -> list[object]:
    """Return the types that stand behind `key` of a model, or behind any key of a mapping or list."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = _field(kind, key)
        return _members(field.annotation) if field else []
    return _members(typing.get_args(kind)[-1]) if _holds_others(kind) else []


def _holds_others(kind: object) -> bool:
    return typing.get_origin(kind) in (dict, list) or (isinstance(kind, type) and issubclass(kind, BaseModel))


def _members(annotation: object) -> list[object]:
    """Return the types that a value of `annotation` may have."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _members(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [member for argument in typing.get_args(annotation) for member in _members(argument)]
    return [annotation]
