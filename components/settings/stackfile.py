"""Where things stand in the stack file. The values come from the engine, the lines from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from components.settings.base import PROJECT
from components.settings.problems import Key, Problem


@dataclass(frozen=True)
class StackFile:
    """A stack file's YAML nodes, for looking up lines; empty when there is no readable file."""

    name: str = ""
    root: yaml.Node | None = None

    def sections(self) -> list[str]:
        """Return the names of this program's sections in the file, without the `protobox-cd:` prefix."""
        prefix = f"{PROJECT}:"
        keys = [_text(key) for key, _ in _entries(self._config())]
        return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]

    def line_of(self, path: Sequence[Key]) -> int:
        """Return the 1-based line of the deepest part of `path` that is in the file; 0 for none.

        `path` begins with the section: `("dns", "servers", 0)`.
        """
        node = self._config()
        line = 0
        for number, part in enumerate(path):
            wanted = f"{PROJECT}:{part}" if number == 0 else part
            found = _child(node, wanted)
            if found is None:
                break
            line, node = found
        return line

    def duplicates(self) -> list[Problem]:
        """Return a problem for every key that stands twice in one mapping, at any depth."""
        return list(_duplicates(self.root, ()))

    def _config(self) -> yaml.Node | None:
        found = _child(self.root, "config")
        return found[1] if found else None


def read_stack_file(path: Path) -> StackFile:
    """Return the nodes of the stack file at `path`; without positions if it is absent or unreadable.

    The engine has read the file already, so its syntax is the engine's to judge.
    """
    try:
        return StackFile(path.name, yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    except (OSError, ValueError, yaml.YAMLError):
        return StackFile(path.name if path.exists() else "")


def _entries(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _text(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _child(node: yaml.Node | None, key: Key) -> tuple[int, yaml.Node] | None:
    """Return the line and the node of `key` in a mapping or sequence node."""
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    for name, value in _entries(node):
        if _text(name) == str(key):
            return name.start_mark.line + 1, value
    return None


def _duplicates(node: yaml.Node | None, path: tuple[Key, ...]) -> Iterator[Problem]:
    if isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _duplicates(value, (*path, number))
    first: dict[str, int] = {}
    for key, value in _entries(node):
        name, line = _text(key), key.start_mark.line + 1
        if name in first:
            yield Problem(
                _from_section((*path, name)),
                f"{name!r} stands twice here, first on line {first[name]}",
                "YAML would silently keep only one of them",
                "merge the two, or take one out",
                line,
            )
        first.setdefault(name, line)
        yield from _duplicates(value, (*path, name))


def _from_section(path: tuple[Key, ...]) -> tuple[Key, ...]:
    """Return a path in the file as one that begins with our section."""
    inner = path[1:] if path[0] == "config" else path
    return (str(inner[0]).removeprefix(f"{PROJECT}:"), *inner[1:]) if inner else ()
