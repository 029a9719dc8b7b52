"""Read a stack file without the engine: for checks before anything runs.

How the engine reads scalars was tried with Pulumi 3.259.0: `012` is the number 10, `300.0` is the number 300,
and a date becomes `2026-01-31 00:00:00 +0000 UTC`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from components.stackfile import yaml_nodes
from components.stackfile.kubectl_yaml import UnreadableError, documents
from components.stackfile.problems import Key, Problem

LARGEST = 1024 * 1024
"""No stack file has more bytes."""
_NOT_READ = "Pulumi could not read it either, and nothing can be said about its content"
"""Why it matters."""
_BEGIN = "begin with `config:` and the sections below it; examples/Pulumi.page.yaml is one to copy"
_NO_BLANK = re.compile(
    r"(?P<indent>\s*(- )?)(?P<key>[A-Za-z][\w./-]*):(?![\w-]+:(\s|$))(?P<value>[^\s:/'\"].*|['\"].*)"
)
_SECOND_COLON = re.compile(
    r"(?P<indent>\s*(- )?)(?P<key>[^\s'\"#:][^:#]*(:[^\s:#]+)?):\s+"
    r"(?P<value>[^'\"\[{|>#].*:(\s.*|$))"
)
_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _number(written: str) -> str:
    """Return a number as it is usually written; what is too long for that, as it is."""
    plain = written.replace("_", "").removeprefix("+")
    try:
        return (
            str(int(plain))
            if re.fullmatch("-?[0-9]+", plain)
            else f"{float(plain):f}".rstrip("0").rstrip(".")
        )
    except ValueError:
        return written


_TRAPS: tuple[tuple[str, str, Callable[[str], str] | None], ...] = (
    (
        r"(?i)yes|no|on|off",
        "some programs read it as true or false, others as text",
        lambda written: _YES_NO[written.lower()],
    ),
    (r"[+-]?0[0-9_]+", "a number that begins with 0 is an octal one", _number),
    (r"[+-]?\d[\d_]*(\.\d*)?[eE][+-]?\d+", "it is a number in another notation", _number),
    (r"[+-]?\d+(_\d+)+", "the underscores vanish", _number),
    (r"\d+(:[0-5]?\d)+", "some programs read it as a number to the base of 60", None),
    (r"\d{4}-\d\d?-\d\d?([Tt ].*)?", "it is a date, to which Pulumi adds a time", None),
    (r"(?i)[+-]?\.inf|\.nan", "it is no number that anything here could use", lambda _: "another number"),
)
"""Plain value → what it is turned into, and what returns what its author has probably meant."""


def compose(path: Path) -> yaml.Node:
    """Return the root node of the stack file at `path`.

    Raises:
        UnreadableError: there is no such file, or it is not one YAML mapping.
    """
    why = _NOT_READ
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
        raise strange_character(text, error.position, why) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(text, error) from None
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableError("the file is empty" if root is None else "the file is no mapping", why, _BEGIN)
    return root


def strange_character(text: str, position: int, why: str) -> UnreadableError:
    """Return the error of a character that YAML allows nowhere, not even in quotes; `why` it matters."""
    before, character = text[:position], text[position]
    what = f"the character U+{ord(character):04X}, which no screen shows, stands here"
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    fix = f'take it out, or write it as an escape in quotes: "\\u{ord(character):04X}"'
    if character == "\0":
        what, fix = f"{what}: the file is perhaps UTF-16", "save it as UTF-8 in your editor"
    return UnreadableError(what, why, fix, line, column)


def parser_said(error: yaml.YAMLError | RecursionError) -> tuple[str, int, int]:
    """Return what a parser says, and the 1-based line and column where it stopped; 0 if it does not tell."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply", 0, 0
    words, mark = getattr(error, "problem", None) or error, getattr(error, "problem_mark", None)
    return str(words), *((mark.line + 1, mark.column + 1) if mark else (0, 0))


def values_in(text: str) -> list[Any]:
    """Return the value of each document of YAML in a text.

    Raises:
        ValueError: it is no YAML; the message says why, and in which line.
    """
    try:
        return [value for _, value in documents(text)]
    except UnreadableError as error:
        words, line = error.what, error.line
    except (yaml.YAMLError, RecursionError) as error:
        words, line, _ = parser_said(error)
    raise ValueError(f"{words} (line {line} of the text)" if line else words)


def _not_yaml(text: str, error: yaml.YAMLError | RecursionError) -> UnreadableError:
    words, line, column = parser_said(error)
    if "'\\t'" in words:
        what, fix = "a tab stands where YAML wants spaces", "indent with spaces"
        return UnreadableError(what, _NOT_READ, fix, line, column)
    # The parser notices some mistakes only lines later, and tells them in its own words.
    if cause := _open_quote(text, (line - 1, column - 1)) or _colon(text.splitlines(), line):
        return cause
    context = getattr(error, "context", None)
    what = f"the file is not YAML: {words}" + (f", {context}" if context else "")
    return UnreadableError(what, _NOT_READ, "correct the line, or the one before it", line, column)


def traps(node: yaml.Node, path: tuple[Key, ...] = ()) -> Iterator[Problem]:
    """Yield a problem for each value in `node`, at `path`, that YAML turns into something else."""
    for place, value in yaml_nodes.scalars(node, path):
        written = str(value.value)
        for pattern, reason, meant in _TRAPS:
            if value.style is None and re.fullmatch(pattern, written):
                either = f"{meant(written)}, or " if meant else ""
                yield Problem(
                    place,
                    f"{written} is not what it looks like: {reason}",
                    "what stands in the file and what the program gets would differ",
                    f'write {either}"{written}"' + (" if that text is meant" if meant else ""),
                )
                break


def _open_quote(text: str, stop: tuple[int, int]) -> UnreadableError | None:
    """Return the quote that goes on over the end of its line, in the last value before the parser stops."""
    start = None
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if (token.start_mark.line, token.start_mark.column) >= stop:
                break
            if isinstance(token, yaml.ScalarToken):
                runs_on = token.style in {"'", '"'} and token.end_mark.line > token.start_mark.line
                start = token.start_mark if runs_on else None
    except yaml.MarkedYAMLError as error:
        if error.context == "while scanning a quoted scalar":
            start = error.context_mark
        elif error.context_mark and not start:
            return None
    except (yaml.YAMLError, RecursionError):
        return None
    if start is None:
        return None
    written = text.splitlines()[start.line]
    return UnreadableError(
        "the quote that begins here is not closed on its line",
        _NOT_READ,
        f"write the line as\n {written.rstrip()}{written[start.column]}",
        start.line + 1,
        start.column + 1,
    )


def _colon(lines: list[str], line: int) -> UnreadableError | None:
    """Return the missing blank behind a colon, on the line or on the one before it, or a colon too many."""
    number = line
    while 0 < number <= len(lines):
        written = lines[number - 1]
        if found := _NO_BLANK.fullmatch(written):
            return UnreadableError(
                f"the blank behind the colon is missing: {written.strip()}",
                _NOT_READ,
                f"write the line as\n {found['indent']}{found['key']}: {found['value']}",
                number,
                len(found["indent"]) + len(found["key"]) + 1,
            )
        if number == line and (found := _SECOND_COLON.fullmatch(written)):
            quoted = found["value"].replace("\\", "\\\\").replace('"', '\\"')
            return UnreadableError(
                f"a second colon with a blank behind it stands in one line: {written.strip()}",
                _NOT_READ,
                f'write the line as\n {found["indent"]}{found["key"]}: "{quoted}"',
                number,
                written.index(found["value"]) + 1,
            )
        if number < line and written.strip() and not written.lstrip().startswith("#"):
            return None
        number -= 1
    return None
