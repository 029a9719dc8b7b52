"""What all sections of the stack file have in common."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components.settings.problems import PROJECT, Problem

__all__ = ["PROJECT", "Section", "mistake", "mistakes"]


class Section(BaseModel):
    """A part of the stack file: camelCase keys, unknown keys refused, immutable once read."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        use_attribute_docstrings=True,
    )


def mistake(what: str, why: str, fix: str) -> PydanticCustomError:
    """Return the error of a validator: what is wrong, why it matters, and what to write instead."""
    return PydanticCustomError("mistake", "{what}", {"what": what, "why": why, "fix": fix})


def mistakes(problems: Sequence[Problem]) -> PydanticCustomError:
    """Return the error of a validator that has found several problems; an empty path means its own key."""
    return PydanticCustomError("mistakes", "several mistakes", {"problems": list(problems)})
