"""Does to a file what a message's fix says, as a reader would who pastes it without thinking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.stackfile.problems import PROJECT, Key, Problem

_ENCRYPTED = "{secure: djE6YWJj}"
_STEP = re.compile(r'\.?([A-Za-z0-9_:-]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]')


class NotPastedError(Exception):
    """The fix is no edit that could be pasted."""


def paste(problem: Problem, folder: Path, stack_file: str) -> None:
    """Do what `problem.fix` says, in the files of `folder`.

    Raises:
        NotPastedError: it says nothing that can be done without thinking.
    """
    of_the_stack = not problem.file or f"\n  {PROJECT}:" in problem.fix
    file = folder / (stack_file if of_the_stack else problem.file)
    text = file.read_text(encoding="utf-8")
    file.write_text(_pasted(text, problem), encoding="utf-8")


def _pasted(text: str, problem: Problem) -> str:
    fix = problem.fix
    if found := re.search(r"write the line as\n (.*)", fix):
        lines = text.splitlines()
        lines[problem.line - 1] = found[1]
        return "\n".join(lines) + "\n"
    if problem.file and not problem.place and (found := re.match(r'write (".*") if', fix)):
        lines = text.splitlines()
        at = problem.column - 1
        lines[problem.line - 1] = lines[problem.line - 1][:at] + lines[problem.line - 1][at:].replace(
            problem.what.split()[0], found[1], 1
        )
        return "\n".join(lines) + "\n"
    root = _Root(yaml.compose(text, Loader=yaml.SafeLoader))
    place = list(problem.place) if problem.file else _in_file(problem.path)
    _edit(root, place, problem)
    return root.text()


def _edit(root: _Root, place: list[Key], problem: Problem) -> None:
    for pattern, edit in _EDITS:
        if found := re.search(pattern, problem.fix):
            edit(root, place, problem, found)
            return
    raise NotPastedError(problem.fix)


def _secret(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.set(_in_file(_steps(found[1])), _ENCRYPTED)


def _zone(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.append(["config", f"{PROJECT}:dns", "zones"], found[1])


def _policy_line(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    number = int(problem.what.split()[1])
    root.replace_line(place, number, found[1])


def _block(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.merge(["config"], found[1])


def _meant(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    if at_the_top := re.search("no key '([^']*)' at the top", problem.what):
        root.rename([at_the_top[1]], found[1])
    elif re.match("there is no (key|field) ", problem.what):
        root.rename(place, found[1])
    else:
        root.set(place, found[1])


def _quoted(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    if found[1]:
        root.set(place, found[1])
    else:
        root.quote(place)


def _at_its_path(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.set(_in_file(_steps(found[1])), found[2])


def _below(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.merge(_in_file(_steps(found[2])), found[1])


def _added(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.merge(root.mapping_at(place), _first(found[1]))


def _renamed(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.rename(root.key_at(place, found[2]), _first(found[1]))


def _turned(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.rename(place, found[1])
    root.set([*place[:-1], found[1]], found[2])


def _moved_below(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.move([found[1]], ["config", found[1]])


def _without_second(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.without_second(place)


def _out(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    if at_the_top := re.search("no key '([^']*)' at the top", problem.what):
        root.remove([at_the_top[1]])
    elif both := re.match(r"(\w+) and (\w+) would", problem.what):
        for key in both.groups():
            root.remove([*place[:-1], key])
    else:
        named = re.match(r"take (\w+) out", problem.fix)
        root.remove(root.key_below(place, named[1] if named else ""))


def _limit(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.set(place, found[1])


def _one_of(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    root.set(place, found[1])


def _written(root: _Root, place: list[Key], problem: Problem, found: re.Match[str]) -> None:
    _write(root, place, found[1] if found[1].startswith("p, ") else _first(found[1]))


Edit = Callable[["_Root", list[Key], Problem, re.Match[str]], None]
_EDITS: list[tuple[str, Edit]] = [
    (r"^add the zone (\S+) to protobox-cd:dns.zones", _zone),
    (r"write the line as ([pg], .*)$", _policy_line),
    (r"pulumi config set --secret (?:--stack \S+ )?--path '(.*)'", _secret),
    (rf"\n((?:  {PROJECT}:.*\n?)(?:.*\n?)*)", _block),
    (r"did you mean '([^']+)'\?", _meant),
    (r'^put it in quotes(?:: (".*"))?', _quoted),
    (rf"^({PROJECT}:\S+): (\S+)$", _at_its_path),
    (rf"(?:add|set) (\S+: .+?) (?:under|below) ({PROJECT}:[\w.]+)", _below),
    (r"^add .*?for example (\S+: .*)", _added),
    (r"^add (\S+: .*)", _added),
    (rf"^write ({PROJECT}:\w+) below config:", _moved_below),
    (r"turn the two around: write (\S+): (\S+)", _turned),
    (r"(?:write|for example|write for example) (\S+): in place of '(.*)':", _renamed),
    (r"^merge the two", _without_second),
    (r"^take |or take (?:the entry|it|this line) out$", _out),
    (r"^write at (?:most|least) (\d+)", _limit),
    (r"^write one of '([^']*)'", _one_of),
    (r"^write .*?(?:for example|behind the colon:) (.*)$", _written),
    (r"for example (p, .*)$", _written),
    (r"write (\S.*?)(?: without quotes)?$", _written),
]


def _first(said: str) -> str:
    """Return what stands before a comma or semicolon that is not inside of brackets or quotes."""
    depth = 0
    for number, sign in enumerate(said):
        depth += (sign in "[{") - (sign in "]}")
        if depth == 0 and said[number : number + 2] in {", ", "; "}:
            return said[:number]
    return said


def _write(root: _Root, place: Sequence[Key], said: str) -> None:
    value = yaml.safe_load(said)
    if isinstance(value, dict) and said[0] not in "{[" and len(value) == 1:
        (key,) = value
        if place and str(place[-1]).split(":")[-1] == str(key).split(":")[-1]:
            root.set(place, said.partition(": ")[2])
        else:
            root.merge(root.mapping_at(place), said)
    else:
        root.set(place, said)


class _Root:
    """A file's YAML nodes, which keep how each scalar is written."""

    def __init__(self, root: Any) -> None:
        self._root: yaml.Node = root

    def text(self) -> str:
        return str(yaml.serialize(self._root))

    def set(self, place: Sequence[Key], value: str) -> None:
        new = yaml.compose(value)
        held = self._make(place[:-1])
        if isinstance(held, yaml.SequenceNode):
            held.value[int(place[-1])] = new
            return
        others = [(key, old) for key, old in held.value if key.value != str(place[-1])]
        held.value = [*others, (yaml.compose(f'"{place[-1]}"'), new)]

    def quote(self, place: Sequence[Key]) -> None:
        node = self._at(place)
        assert isinstance(node, yaml.ScalarNode)
        node.tag, node.style = "tag:yaml.org,2002:str", '"'

    def rename(self, place: Sequence[Key], name: str) -> None:
        held = self._at(place[:-1])
        held.value = [
            (yaml.compose(f'"{name}"') if key.value == str(place[-1]) else key, value)
            for key, value in held.value
        ]

    def append(self, place: Sequence[Key], value: str) -> None:
        self._at(place).value.append(yaml.compose(value))

    def replace_line(self, place: Sequence[Key], number: int, line: str) -> None:
        node = self._at(place)
        lines = node.value.split("\n")
        lines[number - 1] = line
        node.value = "\n".join(lines)

    def remove(self, place: Sequence[Key]) -> yaml.Node:
        held = self._at(place[:-1])
        if isinstance(held, yaml.SequenceNode):
            removed: yaml.Node = held.value.pop(int(place[-1]))
            return removed
        removed = self._at(place)
        held.value = [(key, value) for key, value in held.value if key.value != str(place[-1])]
        return removed

    def without_second(self, place: Sequence[Key]) -> None:
        held = self._at(place[:-1])
        last = max(number for number, (key, _) in enumerate(held.value) if key.value == str(place[-1]))
        del held.value[last]

    def move(self, place: Sequence[Key], to: Sequence[Key]) -> None:
        node = self.remove(place)
        held = self._make(to[:-1])
        held.value.append((yaml.compose(f'"{to[-1]}"'), node))

    def key_below(self, place: Sequence[Key], key: str) -> list[Key]:
        """Return the place of `key` below `place`, if it is there; otherwise `place`."""
        return [*place, key] if _child(self._at(place), key) else list(place)

    def merge(self, place: Sequence[Key], block: str) -> None:
        new = yaml.compose(block)
        if not isinstance(new, yaml.MappingNode):
            raise NotPastedError(block)
        _merge(self._make(place), new)

    def mapping_at(self, place: Sequence[Key]) -> list[Key]:
        """Return the deepest mapping at or above `place` that is there."""
        for length in range(len(place), -1, -1):
            if isinstance(self._at(place[:length]), yaml.MappingNode):
                return list(place[:length])
        raise NotPastedError(str(place))

    def key_at(self, place: Sequence[Key], key: str) -> list[Key]:
        is_it = bool(place) and (str(place[-1]) == key or key.startswith("…@"))
        return list(place) if is_it else [*place, key]

    def _at(self, place: Sequence[Key]) -> yaml.Node:
        node = self._root
        for key in place:
            node = _child(node, key) or yaml.ScalarNode("tag:yaml.org,2002:null", "")
        return node

    def _make(self, place: Sequence[Key]) -> yaml.Node:
        node = self._root
        for key in place:
            below: Any = _child(node, key)
            if below is None or isinstance(below, yaml.ScalarNode):
                below = yaml.compose("{}")
                others = [(name, old) for name, old in node.value if name.value != str(key)]
                node.value = [*others, (yaml.compose(f'"{key}"'), below)]
            node = below
        return node


def _child(node: yaml.Node, key: Key) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode):
        item: yaml.Node = node.value[int(key)]
        return item
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == str(key)), None)


def _merge(old: yaml.Node, new: yaml.MappingNode) -> None:
    for key, value in new.value:
        standing = _child(old, key.value)
        if isinstance(standing, yaml.MappingNode) and isinstance(value, yaml.MappingNode):
            _merge(standing, value)
        else:
            others = [(name, one) for name, one in old.value if name.value != key.value]
            old.value = [*others, (key, value)]


def _in_file(path: Sequence[Key]) -> list[Key]:
    if not path:
        return ["config"]
    section = str(path[0]).removeprefix(f"{PROJECT}:")
    return ["config", f"{PROJECT}:{section}", *path[1:]]


def _steps(path: str) -> list[Key]:
    return [
        int(number) if number else name or quoted.replace('\\"', '"')
        for name, quoted, number in _STEP.findall(path)
    ]
