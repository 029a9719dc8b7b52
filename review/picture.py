"""A small Mermaid picture of what changes where: namespaces, what is in them, and the name servers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from review.changes import Change, Operation, Preview, items, mapping
from review.markdown import visible
from review.words import PLURALS, RELEASE, SINGULARS, Kind, inputs_of, kind, object_name

_MOST_NODES = 25
_MOST_CHARACTERS = 2000
"""GitLab draws a longer picture only after a click (its MAX_CHAR_LIMIT)."""
_LONGEST_NAME = 40
_LONGEST_ROW = 5
_GROUPED_ABOVE = (8, 4, 2, 0)
_DRAWN = (Kind.DNS_LAYER, Kind.ARGO_CD, Kind.APPLICATION, Kind.APP_PROJECT, Kind.SECRET)
_STYLES = {
    "add": "fill:#d9f2dd,stroke:#1f7a35,color:#000",
    "change": "fill:#dce9fb,stroke:#1f5fb0,color:#000",
    "delete": "fill:#fbdcdc,stroke:#b3261e,color:#000,stroke-dasharray:4",
    "replace": "fill:#fbe8d0,stroke:#a15c00,color:#000",
    "adopt": "fill:#ece0fa,stroke:#6b3fa0,color:#000",
}


@dataclass
class _Picture:
    """The lines of a picture, and how many nodes it has."""

    lines: list[str] = field(default_factory=lambda: ["flowchart LR"])
    servers: dict[str, str] = field(default_factory=dict)
    nodes: int = 0

    def node(self, label: str, style: str = "", indent: str = "  ") -> str:
        """Add a node and return its identifier."""
        self.nodes += 1
        name = f"n{self.nodes}"
        self.lines.append(f'{indent}{name}["{_label(label)}"]' + (f":::{style}" if style else ""))
        return name

    def server(self, label: str) -> str:
        """Return the identifier of a name server, which is added where it is not there yet."""
        if label not in self.servers:
            self.servers[label] = self.node(label)
        return self.servers[label]


def picture(preview: Preview) -> str:
    """Return the picture's source; "" if there is nothing to draw, or too much for any picture."""
    changes = [one for one in preview.changes if one.operation in _STYLES]
    drawn = sorted((one for one in changes if kind(one) in _DRAWN), key=object_name)
    namespaces = {object_name(one): one.operation for one in changes if kind(one) is Kind.NAMESPACE}
    for most in _GROUPED_ABOVE if drawn else ():
        found = _draw(drawn, namespaces, most)
        source = "\n".join(found.lines)
        if found.nodes <= _MOST_NODES and len(source) <= _MOST_CHARACTERS:
            return source
    return ""


def _draw(changes: list[Change], namespaces: Mapping[str, Operation], most: int) -> _Picture:
    """Draw the changes; what is alike and more than `most` becomes one node.

    Args:
        changes: what to draw.
        namespaces: name of a namespace that changes itself → what happens to it.
        most: how many nodes may be alike.
    """
    found = _Picture()
    places: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        places[_namespace(change)].append(change)
    arrows: list[tuple[str, Change]] = []
    for number, (namespace, inside) in enumerate(places.items(), start=1):
        happens = f" ({namespaces[namespace].value})" if namespace in namespaces else ""
        found.lines.append(f'  subgraph s{number}["{_label(f"namespace {namespace}{happens}")}"]')
        first, others = len(found.lines), found.nodes
        here: list[tuple[str, Change]] = []
        for operation, one in product(Operation, _DRAWN):
            alike = [change for change in inside if (change.operation, kind(change)) == (operation, one)]
            here += _nodes(found, alike, most)
        # Mermaid sets nodes without arrows between them across: TB is a row, which gets small, LR a column.
        row = not here and found.nodes - others <= _LONGEST_ROW
        found.lines.insert(first, f"    direction {'TB' if row else 'LR'}")
        found.lines.append("  end")
        arrows += here
    for name, layer in arrows:
        before, after = set(_forwards(layer.old)), set(_forwards(layer.new))
        for zone, server in sorted(after):
            found.lines.append(f'  {name} -->|"{_label(f"zone {zone}")}"| {found.server(server)}')
        for zone, server in sorted(before - after):
            found.lines.append(f'  {name} -.->|"{_label(f"until now {zone}")}"| {found.server(server)}')
    used = dict.fromkeys(change.operation.value for change in changes)
    found.lines += [f"  classDef {style} {_STYLES[style]}" for style in used]
    return found


def _nodes(found: _Picture, alike: list[Change], most: int) -> Iterator[tuple[str, Change]]:
    """Add the nodes of changes of one kind; yield those of DNS layers with their identifiers."""
    if not alike:
        return
    operation, one = alike[0].operation.value, kind(alike[0])
    if len(alike) > most and len(alike) > 1:
        found.node(f"{len(alike)} {PLURALS[one]} ({operation})", operation, "    ")
        return
    for change in alike:
        name = object_name(change)
        short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        told = "Argo CD" if (one, name) == (Kind.ARGO_CD, RELEASE) else f"{SINGULARS[one]} {short}"
        identifier = found.node(f"{told} ({operation})", operation, "    ")
        if one is Kind.DNS_LAYER:
            yield identifier, change


def _forwards(inputs: object) -> Iterator[tuple[str, str]]:
    if mapping(inputs).get("present") is False:
        return
    for zone in map(mapping, items(mapping(inputs).get("zones"))):
        yield str(zone.get("zone")), "name server " + ", ".join(map(str, items(zone.get("servers"))))


def _namespace(change: Change) -> str:
    inputs = inputs_of(change)
    return str(mapping(inputs.get("metadata")).get("namespace") or inputs.get("namespace") or "default")


def _label(text: str) -> str:
    """Return `text` for between quotes; Mermaid would read much else as its own syntax or as Markdown."""
    line = visible(" ".join(text.split()))
    return re.sub(r"[^A-Za-z0-9 .,:/()…-]", lambda found: f"#{ord(found[0])};", line)
