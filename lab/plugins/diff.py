"""What changes between the last deployment and the program, property by property.

Pure: dicts in, a dict of changes out; `preview --diff` prints one line for each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from lab.plugins.properties import UNKNOWN

Path = tuple[str | int, ...]
_MISSING = object()


@dataclass(frozen=True)
class Change:
    """How one property changes, and whether the resource must be replaced for it."""

    kind: Literal["add", "delete", "update"]
    replace: bool = False


Changes = dict[Path, Change]


def compare(old_inputs: Mapping[str, Any], current: Mapping[str, Any], news: Mapping[str, Any]) -> Changes:
    """Compare the wanted properties with the current ones.

    A property counts as deleted only if the last program set it: what the cluster added is no change.
    Objects and lists are followed to the property that differs.
    """
    return dict(_compare_objects((), old_inputs, current, news))


def _compare_objects(
    path: Path, old_inputs: Mapping[str, Any], current: Mapping[str, Any], news: Mapping[str, Any]
) -> Iterator[tuple[Path, Change]]:
    for key, new in news.items():
        yield from _compare((*path, key), old_inputs.get(key, _MISSING), current.get(key, _MISSING), new)
    for key in old_inputs:
        if key not in news and key in current:
            yield (*path, key), Change("delete")


def _compare(path: Path, old_input: Any, current: Any, new: Any) -> Iterator[tuple[Path, Change]]:
    if current is _MISSING:
        yield path, Change("add")
    elif new is UNKNOWN:
        yield path, Change("update")
    elif isinstance(current, Mapping) and isinstance(new, Mapping):
        before = old_input if isinstance(old_input, Mapping) else {}
        yield from _compare_objects(path, before, current, new)
    elif isinstance(current, list) and isinstance(new, list):
        yield from _compare_lists(path, current, new)
    elif current != new or isinstance(current, bool) is not isinstance(new, bool):
        yield path, Change("update")


def _compare_lists(path: Path, current: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Path, Change]]:
    """Compare item by item. Inside a list everything unwanted goes: a list is always written whole."""
    for index, (before, after) in enumerate(zip(current, new, strict=False)):
        yield from _compare((*path, index), before, before, after)
    for index in range(len(current), len(new)):
        yield (*path, index), Change("add")
    for index in range(len(new), len(current)):
        yield (*path, index), Change("delete")


def mark_replacements(changes: Changes, force_new: Iterable[Path], values: Mapping[str, Any]) -> Changes:
    """Mark the changes that the API cannot make in place.

    Args:
        changes: what `compare` found.
        force_new: the paths that force a replacement; `*` in a path stands for any list index.
        values: where to look whether a whole object that was added or deleted contains such a path.
    """
    patterns = [tuple(pattern) for pattern in force_new]
    return {
        path: replace(change, replace=any(_touches(path, pattern, values) for pattern in patterns))
        for path, change in changes.items()
    }


def _touches(path: Path, pattern: Path, values: Mapping[str, Any]) -> bool:
    shared = min(len(path), len(pattern))
    if not all(want in ("*", have) for want, have in zip(pattern[:shared], path[:shared], strict=True)):
        return False
    return len(path) >= len(pattern) or _contains(values, (*path, *pattern[shared:]))


def _contains(value: Any, path: Path) -> bool:
    for step in path:
        if isinstance(value, list):
            index = 0 if step == "*" else step
            if not isinstance(index, int) or index >= len(value):
                return False
            value = value[index]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return False
    return True


def format_path(path: Path) -> str:
    """Write a path the way the engine reads it: `spec.source`, `data["a.b"]`, `items[0]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif any(mark in step for mark in '."[]'):
            text += '["{}"]'.format(step.replace('"', '\\"'))
        else:
            text += f".{step}" if text else step
    return text


def parse_path(text: str) -> Path:
    """Read a path as a user writes it in `ignore_changes`."""
    steps: list[str | int] = []
    rest = text
    while rest:
        if rest.startswith('["'):
            end = rest.index('"]', 2)
            steps.append(rest[2:end].replace('\\"', '"'))
            rest = rest[end + 2 :]
        elif rest.startswith("["):
            end = rest.index("]")
            inside = rest[1:end]
            steps.append("*" if inside == "*" else int(inside))
            rest = rest[end + 1 :]
        else:
            rest = rest.removeprefix(".")
            cut = min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))
            steps.append(rest[:cut])
            rest = rest[cut:]
    return tuple(steps)


def without_ignored(changes: Changes, ignored: Iterable[str]) -> Changes:
    """Drop the changes at or below one of the `ignore_changes` paths."""
    patterns = [parse_path(text) for text in ignored]

    def covered(path: Path) -> bool:
        return any(
            len(path) >= len(pattern)
            and all(want in ("*", have) for want, have in zip(pattern, path[: len(pattern)], strict=True))
            for pattern in patterns
        )

    return {path: change for path, change in changes.items() if not covered(path)}
