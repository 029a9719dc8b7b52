"""Which versions of a chart a repository's index has, and which of them are near to one that it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml
from semantic_version import Version

# The parser of libyaml, where PyYAML has it, reads an index of several megabytes in a second, not in thirty.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NAMED = 3


@dataclass
class _Level:
    """A mapping or a list that the reading is in."""

    is_mapping: bool
    key: str = "[]"
    """In a mapping the key whose value comes next."""
    key_is_next: bool = False

    def took(self, scalar: str) -> None:
        """Note that a key or a value has come to its end."""
        if self.is_mapping:
            self.key = scalar if self.key_is_next else self.key
            self.key_is_next = not self.key_is_next


def versions_in(index: bytes, chart: str) -> list[str] | None:
    """Return the versions of `chart` in a chart repository's `index.yaml`, in its order.

    Event by event, since to build all of a large index takes longer than the preflight may.

    Returns:
        None for an index that does not have the chart.

    Raises:
        ValueError: it is no index.
    """
    levels = [_Level(is_mapping=False)]
    wanted = ["[]", "entries", chart, "[]", "version"]
    seen, found = 0, list[str]()
    try:
        for event in yaml.parse(index, Loader=_LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                path = [level.key for level in levels]
                seen = max(seen, len(path)) if path == wanted[: len(path)] else seen
                mapping = isinstance(event, yaml.MappingStartEvent)
                levels.append(_Level(is_mapping=mapping, key_is_next=mapping))
            elif isinstance(event, yaml.CollectionEndEvent):
                levels.pop()
                levels[-1].took("")
            elif isinstance(event, yaml.NodeEvent):
                text = event.value if isinstance(event, yaml.ScalarEvent) else ""
                if len(levels) == len(wanted) and not levels[-1].key_is_next:
                    found += [text] if [level.key for level in levels] == wanted else []
                levels[-1].took(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"it is no YAML: {str(error).splitlines()[0]}") from None
    if seen < len(["[]", "entries"]):
        raise ValueError("it has no entries, so it is no index of a chart repository")
    return found if seen >= len(["[]", "entries", chart]) else None


def same_version(one: str, other: str) -> bool:
    """Tell whether Helm takes both for the same version: a `v` in front makes no difference."""
    return one.removeprefix("v") == other.removeprefix("v")


def nearest_versions(wanted: str, versions: Iterable[str]) -> list[str]:
    """Return at most three of `versions`: those around `wanted`, and the newest; oldest first."""
    known = sorted(_readable(versions))
    try:
        middle = Version(wanted.removeprefix("v"))
    except ValueError:
        chosen: Sequence[tuple[Version, str]] = known[-_NAMED:]
    else:
        below = [one for one in known if one[0] <= middle][-1:]
        above = [one for one in known if one[0] > middle][:1]
        chosen = sorted({*below, *above, *known[-1:]})
    return [text for _, text in chosen]


def _readable(versions: Iterable[str]) -> Iterator[tuple[Version, str]]:
    for text in versions:
        try:
            yield Version(text.removeprefix("v")), text
        except ValueError:  # Helm passes over what is no semantic version
            continue
