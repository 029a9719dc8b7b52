"""YAML nodes: where a key stands, and which keys stand twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from components.stackfile.problems import Key, Problem

TEXT, NOTHING = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
"""The tags of a text and of a key without a value."""


def entries(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the keys and values of a mapping node as they are written; none of any other."""
    return node.value if isinstance(node, yaml.MappingNode) else []


def is_merge(key: yaml.Node) -> bool:
    """Tell whether `key` takes over the entries of other mappings: it is a plain `<<`."""
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and not key.style


def merged(
    node: yaml.Node | None, above: tuple[yaml.Node, ...] = ()
) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Return key → its node and value, with what `<<` takes over; a key of the mapping's own wins.

    `above` has the mappings that take this one over, so that none takes over itself.
    """
    keys: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    taken: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in entries(node):
        if not is_merge(key):
            keys[text(key)] = key, value
            continue
        for mapping in reversed(value.value if isinstance(value, yaml.SequenceNode) else [value]):
            if node and not any(mapping is held for held in (*above, node)):
                taken |= merged(mapping, (*above, node))  # of several mappings the first one wins
    return {**taken, **keys}


def children(node: yaml.Node) -> list[tuple[Key, yaml.Node]]:
    """Return keys and values of a mapping, numbers and values of a list, nothing of a scalar."""
    if isinstance(node, yaml.SequenceNode):
        return list(enumerate(node.value))
    return [(key, value) for key, (_, value) in merged(node).items()]


def scalars(
    node: yaml.Node, path: tuple[Key, ...] = (), above: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[Key, ...], yaml.ScalarNode]]:
    """Yield every scalar in `node` with its place; `path` is that of `node`."""
    if isinstance(node, yaml.ScalarNode):
        yield path, node
    elif id(node) not in above:
        for key, value in children(node):
            yield from scalars(value, (*path, key), (*above, id(node)))


def is_text(node: yaml.Node) -> bool:
    """Tell whether `node` is a text that is not empty."""
    return isinstance(node, yaml.ScalarNode) and node.tag == TEXT and bool(node.value)


def text(node: yaml.Node) -> str:
    """Return a scalar's text, "" for any other node."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def position(node: yaml.Node | yaml.Event) -> tuple[int, int]:
    """Return the 1-based line and column at which `node` begins."""
    if node.start_mark is None:
        return 0, 0
    return int(node.start_mark.line) + 1, int(node.start_mark.column) + 1


def child(node: yaml.Node | None, key: Key) -> tuple[tuple[int, int], yaml.Node] | None:
    """Return the position and the value of `key` in a mapping or sequence node; None if it is not there."""
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return position(node.value[key]), node.value[key]
    found = merged(node).get(str(key))
    return (position(found[0]), found[1]) if found else None


def along(node: yaml.Node | None, path: Sequence[Key]) -> Iterator[tuple[tuple[int, int], yaml.Node]]:
    """Yield position and value of each key of `path`, as far as it is in `node`."""
    for key in path:
        here = child(node, key)
        if here is None:
            return
        yield here
        node = here[1]


def position_of(node: yaml.Node | None, path: Sequence[Key]) -> tuple[int, int]:
    """Return the 1-based line and column of the deepest part of `path` that is in `node`; (0, 0) for none."""
    return next((place for place, _ in reversed([*along(node, path)])), (0, 0))


def duplicates(node: yaml.Node | None, path: tuple[Key, ...] = ()) -> Iterator[Problem]:
    """Yield a problem for each key that stands twice in a mapping, at any depth; `path` is that of `node`."""
    if isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from duplicates(value, (*path, number))
    first: dict[str, int] = {}
    for key, value in entries(node):
        name = text(key)
        if name in first:
            yield Problem(
                (*path, name),
                f"{name!r} stands twice here, first on line {first[name]}",
                "YAML would silently keep only one of them",
                "merge the two, or take one out",
                *position(key),
            )
        first.setdefault(name, position(key)[0])
        yield from duplicates(value, (*path, name))
