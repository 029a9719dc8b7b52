"""YAML as kubectl, Helm and Argo CD read it, which is not quite as PyYAML does.

All three use `sigs.k8s.io/yaml`, which is go-yaml of version 2: `22:22` stays text, `1e3` is a number,
`0o644` is 420, and `yes` is true. The tests ask kubectl and Helm themselves. Pulumi reads a stack file alike,
apart from values that are told as traps.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from components.stackfile import yaml_nodes

DEEPEST = 100
"""No file has more levels."""
MOST_VALUES = 100_000
"""No file has more values, with all aliases written out."""
_TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, Any] = {
    **dict.fromkeys(["~", "null", "Null", "NULL"]),
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
}
_NUMBER = re.compile(r"[+-]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OCTAL = re.compile(r"[-+]?0[0-7]")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
_WITH_EXPONENT = 1e21
"""From here on Go's `encoding/json` writes numbers with an exponent: they are no whole numbers any more."""


class UnreadableError(Exception):
    """The file cannot be read at all.

    Attributes:
        what, why, fix: as in a Problem.
        line, column: where, 1-based; 0 if there is no such place.
    """

    def __init__(self, what: str, why: str, fix: str, line: int = 0, column: int = 0) -> None:
        self.what, self.why, self.fix, self.line, self.column = what, why, fix, line, column
        super().__init__(what)


class _Loader(yaml.CSafeLoader):
    """libyaml, of which go-yaml is a translation: it takes tabs where kubectl does."""


_PLAIN = f"{_TAG}plain"
_Loader.yaml_implicit_resolvers = {None: [(_PLAIN, re.compile(""))]}
_NOTHING = yaml.ScalarNode(f"{_TAG}null", "")


def documents(text: str) -> Iterator[tuple[yaml.Node, Any]]:
    """Yield node and value of each document in `text`; of an empty one the value is None.

    Raises:
        UnreadableError: a document holds itself, is too large, or has a value that JSON does not have.
        yaml.YAMLError, RecursionError: it is no YAML.
    """
    _require_depth(text)
    loader = _Loader(text)
    try:
        while loader.check_node():
            root = loader.get_node() or _NOTHING
            yield root, value_of(root, _of_json, _key)
    finally:
        loader.dispose()


def _require_depth(text: str) -> None:
    """Make sure that `text` is not nested so deeply that libyaml's composer would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _too_deep(event)


def plain_value(node: yaml.ScalarNode) -> Any:
    """Return the value of a scalar; what is none of its kind is its text."""
    tag, written = str(node.tag).removeprefix(_TAG), str(node.value)
    if tag == "null" or (tag == "plain" and not written):
        return None
    if tag == "binary":
        return _binary(written)
    return _resolved(written) if written and tag in {"plain", "int", "float", "bool"} else written


def value_of(
    root: yaml.Node,
    scalar: Callable[[yaml.ScalarNode], Any] = plain_value,
    key: Callable[[yaml.Node], str] = yaml_nodes.text,
) -> Any:
    """Return what `root` stands for; `scalar` returns the value of a scalar, `key` a key, which is text.

    Raises:
        UnreadableError: it holds itself, is nested too deeply, or enormous once its aliases are written out.
    """
    count = 0

    def value(node: yaml.Node, above: tuple[int, ...]) -> Any:
        nonlocal count
        count += 1
        if id(node) in above or count > MOST_VALUES:
            raise UnreadableError(
                "an alias stands inside of what it stands for"
                if id(node) in above
                else f"the file has more than {MOST_VALUES:,} values once its aliases are written out",
                "nothing could hold such a value",
                "write the value in place of the alias",
                *yaml_nodes.position(node),
            )
        if len(above) > DEEPEST:
            raise _too_deep(node)
        here = (*above, id(node))
        if isinstance(node, yaml.ScalarNode):
            return scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [value(item, here) for item in node.value]
        return {key(name): value(below, here) for name, below in yaml_nodes.merged(node).values()}

    return value(root, ())


def _too_deep(place: yaml.Node | yaml.Event) -> UnreadableError:
    """Return the error of a document with more levels than any that means something."""
    return UnreadableError(
        f"a document is nested more than {DEEPEST} levels deep",
        "nothing that Kubernetes reads is",
        "look for brackets that are not closed",
        *yaml_nodes.position(place),
    )


def _of_json(node: yaml.ScalarNode) -> Any:
    written = str(node.value)
    if node.tag != yaml_nodes.TEXT and _NO_NUMBER.fullmatch(written):
        raise UnreadableError(
            f"{written} is a number that JSON does not have",
            "kubectl and Argo CD refuse a file with it",
            f'write "{written}" if that text is meant',
            *yaml_nodes.position(node),
        )
    return plain_value(node)


def _resolved(written: str) -> Any:
    if written in _WORDS:
        return _WORDS[written]
    if written[0] not in "+-.0123456789":
        return written
    plain = written if written[0] == "." else written.replace("_", "")
    value = _whole(plain)
    if value is not None and _SMALLEST <= value <= _LARGEST:
        return value
    if _NUMBER.fullmatch(plain):
        number = float(plain)
        if math.isinf(number):
            return written
        return int(number) if number.is_integer() and abs(number) < _WITH_EXPONENT else number
    return written


def _whole(plain: str) -> int | None:
    """Return a whole number as Go's `strconv.ParseInt` reads it, which knows `012` as an octal one."""
    # go-yaml itself takes a sign behind `0b`.
    base, digits = (2, plain[2:]) if plain.startswith("0b") else (8 if _OCTAL.match(plain) else 0, plain)
    try:
        return int(digits, base) if digits.isascii() else None
    except ValueError:
        return None


def _binary(written: str) -> str:
    try:
        return b64decode(written).decode()
    except ValueError:
        return written


def _key(node: yaml.Node) -> str:
    """Return a key as JSON has it, where every key is text."""
    value = _of_json(node) if isinstance(node, yaml.ScalarNode) else None
    if value is None:
        raise UnreadableError(
            "a key is nothing, a list or a mapping, not text",
            "kubectl and Argo CD refuse a file with it",
            "write a text in front of the colon",
            *yaml_nodes.position(node),
        )
    return str(value).lower() if isinstance(value, bool) else str(value)
