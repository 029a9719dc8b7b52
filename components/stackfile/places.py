"""Where things stand in the stack file. The values come from the engine, the lines from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from components.stackfile import yaml_nodes
from components.stackfile.problems import PROJECT, Key, Problem, for_stack
from components.stackfile.stack_yaml import traps


@dataclass(frozen=True)
class StackFile:
    """A stack file's YAML nodes, for looking up lines; empty when there is no readable file."""

    name: str = ""
    root: yaml.Node | None = None

    def sections(self) -> list[str]:
        """Return the names of this program's sections in the file, without the `protobox-cd:` prefix."""
        return [section for section, _ in self._sections()]

    def position_of(self, path: Sequence[Key]) -> tuple[int, int]:
        """Return the 1-based line and column of the deepest part of `path` in the file; (0, 0) for none.

        `path` begins with the section: `("dns", "servers", 0)`.
        """
        return yaml_nodes.position_of(self._config(), _in_file(path))

    def located(self, problem: Problem) -> Problem:
        """Return `problem` with this stack in its command, and with its line and column.

        It keeps those that it has, and has none here if it is in another file.
        """
        problem = replace(problem, fix=for_stack(problem.fix, self.name))
        if problem.file or problem.line:
            return problem
        line, column = self.position_of(problem.path)
        return replace(problem, line=line, column=column)

    def is_encrypted(self, path: Sequence[Key]) -> bool:
        """Tell whether the value at `path`, or something that holds it, is encrypted in the file."""
        return any(_is_encrypted(node) for _, node in yaml_nodes.along(self._config(), _in_file(path)))

    def encrypted(self) -> Iterator[tuple[Key, ...]]:
        """Yield the place of every encrypted value in this program's sections."""
        return (path for path, node in self._secure() if _is_encrypted(node))

    def empty_secrets(self, is_secret: Callable[[Sequence[Key]], bool]) -> list[tuple[Key, ...]]:
        """Return the places that `is_secret` holds of, and that have `secure:` without a text behind it."""
        return [
            path
            for path, node in self._secure()
            if is_secret(path) and not yaml_nodes.is_text(yaml_nodes.merged(node)["secure"][1])
        ]

    def in_clear(self, is_secret: Callable[[Sequence[Key]], bool]) -> list[tuple[Key, ...]]:
        """Return the places of the values that are not encrypted though `is_secret` holds of them."""
        return [
            path
            for section, node in self._sections()
            for path, value in yaml_nodes.scalars(node, (section,))
            if value.value and value.tag != yaml_nodes.NOTHING and is_secret(path)
        ]

    def duplicates(self) -> list[Problem]:
        """Return a problem for every key that stands twice in one mapping, at any depth."""
        return [replace(twice, path=_from_section(twice.path)) for twice in yaml_nodes.duplicates(self.root)]

    def traps(self) -> list[Problem]:
        """Return a problem for each value that YAML turns into something else than it looks like."""
        return [trap for section, node in self._sections() for trap in traps(node, (section,))]

    def _secure(self) -> Iterator[tuple[tuple[Key, ...], yaml.Node]]:
        """Yield the mappings with a key `secure` in this program's sections, with their places."""
        for section, node in self._sections():
            yield from _secure(node, (section,))

    def _sections(self) -> Iterator[tuple[str, yaml.Node]]:
        """Yield this program's sections, without the `protobox-cd:` prefix."""
        prefix = f"{PROJECT}:"
        for key, (_, value) in yaml_nodes.merged(self._config()).items():
            if key.startswith(prefix):
                yield key.removeprefix(prefix), value

    def _config(self) -> yaml.Node | None:
        found = yaml_nodes.child(self.root, "config")
        return found[1] if found else None


def read_stack_file(path: Path) -> StackFile:
    """Return the nodes of the stack file at `path`; without positions if it is absent or unreadable.

    The engine has read the file already, so its syntax is the engine's to judge.
    """
    try:
        return StackFile(path.name, yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return StackFile(path.name if path.exists() else "")


def _is_encrypted(node: yaml.Node) -> bool:
    """Tell whether Pulumi takes `node` for an encrypted value: `secure` with a text is all that is in it.

    Anything else with a key of that name is a mapping like any other, such as `cookie: {secure: true}`.
    """
    held = yaml_nodes.merged(node)
    return held.keys() == {"secure"} and held["secure"][1].tag == yaml_nodes.TEXT


def _secure(node: yaml.Node, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], yaml.Node]]:
    children = yaml_nodes.children(node)
    if any(key == "secure" for key, _ in children):
        yield path, node
    for key, value in children:
        yield from _secure(value, (*path, key))


def _in_file(path: Sequence[Key]) -> list[Key]:
    """Return a path that begins with our section as one below `config`."""
    return [f"{PROJECT}:{part}" if number == 0 else part for number, part in enumerate(path)]


def _from_section(path: tuple[Key, ...]) -> tuple[Key, ...]:
    """Return a path in the file as one that begins with our section."""
    inner = path[1:] if path[0] == "config" else path
    return (str(inner[0]).removeprefix(f"{PROJECT}:"), *inner[1:]) if inner else ()
