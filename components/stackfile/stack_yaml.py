"""Read a stack file as the engine does, without the engine: for checks before anything runs.

How the engine reads scalars was tried with Pulumi 3.259.0: `012` is the number 10, `300.0` is the number 300,
and a date becomes `2026-01-31 00:00:00 +0000 UTC`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from components.stackfile import yaml_nodes
from components.stackfile.problems import Key
from components.stackfile.yaml_causes import likely_cause

LARGEST = 1024 * 1024
"""No stack file has more bytes."""
DEEPEST = 100
"""No file has more levels."""
MOST_VALUES = 100_000
"""No stack file has more values, with all aliases written out."""
_WITH_EXPONENT = 1e21
"""From here on the engine writes numbers with an exponent, which are no whole numbers any more (Go's
`encoding/json`)."""

_MOST_BITS = 10_000
"""Python writes no whole number of more than 4,300 digits, as `0x…` may be one, into a message."""

_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_TRAPS = (
    (
        r"(?i)yes|no|on|off",
        "some programs read it as true or false, others as text",
        "write {meant}",
    ),
    (r"[+-]?0[0-9_]+", "a number that begins with 0 is an octal one", "write {meant}"),
    (r"[+-]?\d[\d_]*(\.\d*)?[eE][+-]?\d+", "it is a number in another notation", "write {meant}"),
    (r"[+-]?\d+(_\d+)+", "the underscores vanish", "write {meant}"),
    (r"\d+(:[0-5]?\d)+", "some programs read it as a number to the base of 60", "write it in quotes"),
    (r"\d{4}-\d\d?-\d\d?([Tt ].*)?", "it is a date, to which Pulumi adds a time", "write it in quotes"),
    (r"(?i)[+-]?\.inf|\.nan", "it is no number that anything here could use", "write another number"),
)


class UnreadableError(Exception):
    """The file is no stack file at all.

    Attributes:
        what, why, fix: as in a Problem.
        line, column: where, 1-based; 0 if there is no such place.
    """

    def __init__(self, what: str, why: str, fix: str, line: int = 0, column: int = 0) -> None:
        self.what, self.why, self.fix, self.line, self.column = what, why, fix, line, column
        super().__init__(what)


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2 and the engine do; a date stays text here, it is told apart."""


_Loader.yaml_implicit_resolvers = yaml_nodes.resolvers_without("timestamp", "bool")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")
)


def compose(path: Path) -> yaml.Node:
    """Return the root node of the stack file at `path`.

    Raises:
        UnreadableError: there is no such file, or it is not one YAML mapping.
    """
    why = "Pulumi could not read it either, and nothing can be said about its content"
    try:
        if path.exists() and not path.is_file():  # a folder, or a device without an end
            raise UnreadableError("it is no file", why, "name a stack file, for example Pulumi.dev.yaml")
        if path.stat().st_size > LARGEST:
            raise UnreadableError(
                f"the file has {path.stat().st_size:,} bytes",
                why,
                "a stack file is a page or two: look inside",
            )
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"the file is not UTF-8 at byte {error.start}", why, "save it as UTF-8 in your editor"
        ) from None
    except OSError as error:
        raise UnreadableError(
            f"the file cannot be read: {error.strerror}", why, "name a stack whose file is there"
        ) from None
    except ReaderError as error:
        raise _strange_character(text, error.position, why) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(text, error, why) from None
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableError("the file is empty" if root is None else "the file is no mapping", why, _BEGIN)
    return root


_TAB = "a tab stands where YAML wants spaces"
_BEGIN = "begin with `config:` and the sections below it; examples/Pulumi.page.yaml is one to copy"


def _strange_character(text: str, position: int, why: str) -> UnreadableError:
    """Return the error of a character that YAML allows nowhere, not even in quotes."""
    before, character = text[:position], text[position]
    what = f"the character U+{ord(character):04X}, which no screen shows, stands here"
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    if character == "\0":
        return UnreadableError(
            f"{what}: the file is perhaps UTF-16", why, "save it as UTF-8 in your editor", line, column
        )
    return UnreadableError(
        what, why, f'take it out, or write it as an escape in quotes: "\\u{ord(character):04X}"', line, column
    )


def parser_said(error: yaml.YAMLError | RecursionError) -> tuple[str, int, int]:
    """Return what a parser says, and the 1-based line and column where it stopped; 0 if it does not tell."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply", 0, 0
    words, mark = getattr(error, "problem", None) or error, getattr(error, "problem_mark", None)
    return str(words), *((mark.line + 1, mark.column + 1) if mark else (0, 0))


def _not_yaml(text: str, error: yaml.YAMLError | RecursionError, why: str) -> UnreadableError:
    words, line, column = parser_said(error)
    if "'\\t'" in words:
        return UnreadableError(_TAB, why, "indent with spaces", line, column)
    if cause := likely_cause(text, line, column):
        return UnreadableError(cause.what, why, cause.fix, cause.line, cause.column)
    context = getattr(error, "context", None)
    what = f"the file is not YAML: {words}" + (f", {context}" if context else "")
    return UnreadableError(what, why, "correct the line, or the one before it", line, column)


@dataclass(frozen=True)
class Trap:
    """A plain value that YAML turns into something else."""

    path: tuple[Key, ...]
    written: str
    reason: str
    fix: str


def traps(node: yaml.Node, path: tuple[Key, ...] = ()) -> Iterator[Trap]:
    """Yield the traps in `node`, whose own place is `path`."""
    for place, value in yaml_nodes.scalars(node, path):
        written = str(value.value)
        found = next((trap for trap in _TRAPS if re.fullmatch(trap[0], written)), None)
        if value.style is None and found:
            yield Trap(place, written, found[1], _or_quoted(found[2], written))


def _or_quoted(fix: str, written: str) -> str:
    quoted = f'"{written}"'
    if fix == "write it in quotes":
        return f"write {quoted}"
    return f"{fix.format(meant=_meant(written))}, or {quoted} if that text is meant"


def _meant(written: str) -> str:
    """Return a trap as the plain value that its author has probably meant."""
    lower = written.lower()
    if lower in _YES_NO:
        return _YES_NO[lower]
    plain = written.replace("_", "").removeprefix("+")
    try:
        return (
            str(int(plain))
            if re.fullmatch("-?[0-9]+", plain)
            else f"{float(plain):f}".rstrip("0").rstrip(".")
        )
    except ValueError:
        return written


def value_of(
    root: yaml.Node,
    scalar: Callable[[yaml.ScalarNode], Any] | None = None,
    key: Callable[[yaml.Node], str] = yaml_nodes.text,
) -> Any:
    """Return what `root` stands for.

    Args:
        root: a node.
        scalar: returns the value of a scalar; by default what the engine hands over.
        key: returns a key, which is text.

    Raises:
        UnreadableError: it holds itself, is nested too deeply, or enormous once its aliases are written out.
    """
    scalar = scalar or _EngineScalars()
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
            raise too_deep(node)
        here = (*above, id(node))
        if isinstance(node, yaml.ScalarNode):
            return scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [value(item, here) for item in node.value]
        return {key(name): value(below, here) for name, below in yaml_nodes.merged(node).values()}

    return value(root, ())


def too_deep(place: yaml.Node | yaml.Event) -> UnreadableError:
    """Return the error of a document with more levels than any that means something."""
    return UnreadableError(
        f"a document is nested more than {DEEPEST} levels deep",
        "nothing that Kubernetes reads is",
        "look for brackets that are not closed",
        *yaml_nodes.position(place),
    )


class _EngineScalars:
    """Gives scalars the values that the engine hands over."""

    def __init__(self) -> None:
        self._loader = _Loader("")

    def __call__(self, node: yaml.ScalarNode) -> Any:
        try:
            value = self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError, AttributeError, LookupError):
            return str(node.value)  # a number or date that is none, or a tag of somebody else's
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            return str(node.value)
        whole = isinstance(value, float) and value.is_integer() and abs(value) < _WITH_EXPONENT
        return int(value) if whole else value
