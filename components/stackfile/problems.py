"""The one form of a message about the user's own input: what, where, why it matters, the fix.

Also which known key or name a misspelt one may mean.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from components.stackfile.printable import printable

PROJECT = "protobox-cd"
"""The Pulumi project's name, which is also the prefix of our keys in a stack file."""

Key = str | int

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_SET = "pulumi config set --secret"
STACK_NAME = "[-A-Za-z0-9_.]{1,100}"
"""What Pulumi takes as the name of a stack (tried with 3.259.0)."""
_OF_A_STACK = re.compile(rf"Pulumi\.({STACK_NAME})\.ya?ml")


def key_path(path: Sequence[Key]) -> str:
    """Return `path` as `pulumi config set --path` takes it: `protobox-cd:dns.servers[0]`.

    A key with a dot or another sign in it stands in brackets: `protobox-cd:clusters["edge.north"].server`.
    """
    section, *below = path or [""]
    return f"{PROJECT}:{section}{''.join(map(_step, below))}" if path else PROJECT


def _step(part: Key) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if _PLAIN.fullmatch(part):
        return f".{part}"
    # Pulumi takes a backslash for itself unless a quote follows it (tried with 3.259.0).
    return '["' + part.replace('"', '\\"') + '"]'


def set_secret(path: Sequence[Key]) -> str:
    """Return the command that sets the secret at `path`, as a shell takes it, on a line of its own.

    It ends a fix, whose sentence says that the command asks for the value. The space in front keeps the line
    from being wrapped.
    """
    quoted = key_path(path).replace("'", "'\\''")
    return f"\n {_SET} --path '{quoted}'"


def for_stack(fix: str, file: str) -> str:
    """Return `fix` with the stack in its command that sets a secret, if `file` is that of a stack.

    Without it the command would write into the file of whichever stack is selected.
    """
    stack = _OF_A_STACK.fullmatch(file)
    return fix.replace(f"\n {_SET} --path", f"\n {_SET} --stack {stack[1]} --path") if stack else fix


def behind_login(text: str) -> str:
    """Return what may be shown of an address: nothing before its last `@`, where a password may stand.

    A password may hold a slash or an `@` itself, and then nothing else tells where it ends.
    """
    return text.rpartition("@")[2]


def without_login(text: str) -> str:
    """Return `behind_login`, with a mark in place of what is not shown."""
    return f"…@{behind_login(text)}" if "@" in text else text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, told so that the reader can mend it without asking."""

    path: tuple[Key, ...]
    """The key's place in the stack file, section first: `("dns", "servers", 0)`."""
    what: str
    why: str
    fix: str
    line: int = 0
    """1-based line in the stack file, or in `file`; 0 when it is not known."""
    column: int = 0
    """1-based column in that line; 0 when it is not known."""
    file: str = ""
    """The file that the line is in, where it is another one than the stack file."""
    place: tuple[Key, ...] = field(default=(), compare=False)
    """Where it is in an Application's manifest."""

    @property
    def where(self) -> str:
        """The key's path in words: `protobox-cd:dns.servers[0]`. A key may be an address with a password."""
        return key_path([without_login(key) if isinstance(key, str) else key for key in self.path])

    @property
    def named(self) -> str:
        """Where it is in words: of a manifest's file the field, and the key that names the file."""
        field = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.place)
        return f"{self.where}, {field.removeprefix('.')}" if self.file and self.place else self.where

    def render(self, file: str) -> str:
        """Return the message as indented lines; `file` is the stack file's name, "" if unknown."""
        file = self.file or file
        place = f"{file}, line {self.line}" if self.line else file
        head = printable(f"{self.named} ({place})" if place else self.named)
        return "\n".join([head, tell(self.what, self.why, self.fix)])


class SettingsError(Exception):
    """The stack file cannot be used; every problem that was found is in it.

    Attributes:
        problems: what is wrong, in the order of the file.
        file: the stack file's name, "" when there is none.
    """

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        self.problems = tuple(problems)
        self.file = file
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.problems)
        subject = f"{count} mistakes" if count > 1 else "a mistake"
        head = f"{self.file or 'the stack configuration'} has {subject}; nothing was changed."
        return "\n\n".join([head, *(problem.render(self.file) for problem in self.problems)])


def tell(what: str, why: str, fix: str) -> str:
    """Return what is wrong, why it matters and the fix, as indented and wrapped lines."""
    parts = [("  ", what), ("  why: ", why), ("  fix: ", fix)]
    return "\n".join(line for label, text in parts if text for line in wrapped(text, label, " " * len(label)))


def wrapped(text: str, first: str, below: str, width: int = _WIDTH) -> list[str]:
    """Return `text` as lines that fit, the first behind `first`, and all others behind `below`."""
    lines: list[str] = []
    for line in printable(text).splitlines():
        if line.startswith(" "):  # an example to paste keeps its layout
            lines.append(f"{below}{line}")
            continue
        lines += textwrap.wrap(
            line,
            width,
            initial_indent=below if lines else first,
            subsequent_indent=below,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def near(name: str, known: Sequence[str]) -> str:
    """Return the one of `known` that `name` is a misspelling of, also by case; "" if it is like none."""
    by_case = {key.lower(): key for key in known}
    return "".join(by_case[key] for key in difflib.get_close_matches(name.lower(), by_case, n=1, cutoff=0.8))


def nearest(name: str, known: Sequence[str]) -> str:
    """Return which of the known keys may have been meant, and all of them."""
    matches = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return (
        f"did you mean {matches[0]!r}? Known here: {', '.join(known)}"
        if matches
        else f"take it out. Known here: {', '.join(known)}"
    )
