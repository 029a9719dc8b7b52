"""What all sections of the stack file have in common."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components.stackfile.problems import Problem


class Section(BaseModel):
    """A part of the stack file: camelCase keys, unknown keys refused, immutable once read."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add the fields' docstrings to what pydantic makes of the fields."""
        schema = handler(core_schema)
        model = handler.resolve_ref_schema(schema)
        for name, text in descriptions(cls).items():
            model["properties"][cls.model_fields[name].alias or name]["description"] = text
        return schema


def mistake(what: str, why: str, fix: str) -> PydanticCustomError:
    """Return the error of a validator: what is wrong, why it matters, and what to write instead."""
    return PydanticCustomError("mistake", "{what}", {"what": what, "why": why, "fix": fix})


def reasons(error: PydanticCustomError) -> tuple[str, str, str]:
    """Return what is wrong, why it matters and the fix, as `mistake` was given them."""
    context = error.context or {}
    return error.message(), str(context.get("why", "")), str(context.get("fix", ""))


def mistakes(problems: Sequence[Problem]) -> PydanticCustomError:
    """Return the error of a validator that has found several problems; an empty path means its own key."""
    return PydanticCustomError("mistakes", "several mistakes", {"problems": list(problems)})


@functools.cache
def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Return the docstring of each field of `model`, by the field's name; the nearest class's wins.

    pydantic's `use_attribute_docstrings` reads them as each class is made: 0.2 s of each start, while the
    program needs them only to tell a mistake.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            written = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
            for field, text in pairwise(getattr(written, "body", [])):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(docstring))):
                        found[name] = inspect.cleandoc(docstring)
    return {name: text for name, text in found.items() if name in model.model_fields}
