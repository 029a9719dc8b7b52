"""Where a text stops to be YAML: the parser notices some mistakes only lines later, and in its own words."""

from __future__ import annotations

import re

import yaml

from components.stackfile.kubectl_yaml import UnreadableError

NOT_READ = "Pulumi could not read it either, and nothing can be said about its content"
"""Why it matters."""
_NO_BLANK = re.compile(
    r"(?P<indent>\s*(- )?)(?P<key>[A-Za-z][\w./-]*):(?![\w-]+:(\s|$))(?P<value>[^\s:/'\"].*|['\"].*)"
)
_SECOND_COLON = re.compile(
    r"(?P<indent>\s*(- )?)(?P<key>[^\s'\"#:][^:#]*(:[^\s:#]+)?):\s+"
    r"(?P<value>[^'\"\[{|>#].*:(\s.*|$))"
)


def likely_cause(text: str, line: int, column: int) -> UnreadableError | None:
    """Return what has probably made a parser stop at the 1-based place in `text`; None if unknown."""
    return _open_quote(text, (line - 1, column - 1)) or _colon(text.splitlines(), line)


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
        NOT_READ,
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
                NOT_READ,
                f"write the line as\n {found['indent']}{found['key']}: {found['value']}",
                number,
                len(found["indent"]) + len(found["key"]) + 1,
            )
        if number == line and (found := _SECOND_COLON.fullmatch(written)):
            quoted = found["value"].replace("\\", "\\\\").replace('"', '\\"')
            return UnreadableError(
                f"a second colon with a blank behind it stands in one line: {written.strip()}",
                NOT_READ,
                f'write the line as\n {found["indent"]}{found["key"]}: "{quoted}"',
                number,
                written.index(found["value"]) + 1,
            )
        if number < line and written.strip() and not written.lstrip().startswith("#"):
            return None
        number -= 1
    return None
