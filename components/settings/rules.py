"""Rules between the keys of one section, in the words of JSON Schema, for editors.

The program itself checks them in the models' validators, whose messages say more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Rule = Mapping[str, Any]
"""A JSON schema of the whole section."""

NOTHING: Rule = {"type": "null"}


def holds(path: str, value: Rule) -> Rule:
    """Return the rule that there is something at `path` (keys with dots between them) that fits `value`."""
    key, _, below = path.partition(".")
    return {"type": "object", "required": [key], "properties": {key: holds(below, value) if below else value}}


def has(path: str) -> Rule:
    """Return the rule that something is set at `path`."""
    return holds(path, {"not": NOTHING})


def any_of(*rules: Rule) -> Rule:
    """Return the rule that at least one of `rules` holds."""
    return {"anyOf": list(rules)}


def all_of(rules: Iterable[Rule]) -> Rule:
    """Return the rule that all of `rules` hold."""
    return {"allOf": list(rules)}


def not_this(rule: Rule) -> Rule:
    """Return the rule that `rule` does not hold."""
    return {"not": rule}


def when(condition: Rule, then: Rule, otherwise: Rule | None = None) -> Rule:
    """Return the rule that `then` holds where `condition` does, and elsewhere `otherwise`, if it is given."""
    rule = {"if": condition, "then": then}
    return rule if otherwise is None else {**rule, "else": otherwise}


def unset(path: str, because: str) -> Rule:
    """Return the rule that nothing is set at `path`; an editor says `because` there."""
    key, _, below = path.partition(".")
    return {"properties": {key: unset(below, because) if below else {**NOTHING, "errorMessage": because}}}


def at_most_one(*paths: str) -> tuple[Rule, ...]:
    """Return the rules that no two of `paths` are set together."""
    return tuple(
        when(has(one), unset(other, f"{one} and {other} exclude each other"))
        for number, one in enumerate(paths)
        for other in paths[number + 1 :]
    )


def only_keys(*keys: str) -> Rule:
    """Return the rule that no other keys than `keys` are there, not even with nothing behind them."""
    return {"propertyNames": {"enum": list(keys)}}


def without_keys(*keys: str) -> Rule:
    """Return the rule that none of `keys` is there, not even with nothing behind it."""
    return {"properties": dict.fromkeys(keys, False)}


def some_items(key: str) -> Rule:
    """Return the rule that the list behind `key` has an item."""
    return holds(key, {"type": "array", "minItems": 1})
