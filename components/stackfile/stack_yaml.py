"""Read a stack file without the engine: for checks before anything runs.

How the engine reads scalars was tried with Pulumi 3.259.0: `012` is the number 10, `300.0` is the number 300,
and a date becomes `2026-01-31 00:00:00 +0000 UTC`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from yaml.reader import ReaderError

from components.stackfile import yaml_nodes
from components.stackfile.kubectl_yaml import UnreadableError
from components.stackfile.problems import Key, Problem
from components.stackfile.yaml_causes import likely_cause

LARGEST = 1024 * 1024
"""No stack file has more bytes."""
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
        root = yaml.compose(text, Loader=yaml.SafeLoader)
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


def traps(node: yaml.Node, path: tuple[Key, ...] = ()) -> Iterator[Problem]:
    """Yield a problem for each value in `node`, at `path`, that YAML turns into something else."""
    for place, value in yaml_nodes.scalars(node, path):
        written = str(value.value)
        found = next((trap for trap in _TRAPS if re.fullmatch(trap[0], written)), None)
        if value.style is None and found:
            yield Problem(
                place,
                f"{written} is not what it looks like: {found[1]}",
                "what stands in the file and what the program gets would differ",
                _or_quoted(found[2], written),
            )


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
