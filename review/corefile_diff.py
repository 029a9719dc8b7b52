"""The Corefiles that a change writes, as diffs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from components.dns.corefile import CorefileError
from components.dns.plan import Ownership, plan
from components.dns.zones import ForwardedZone
from review.changes import Change, Operation, mapping
from review.layers import edits


def corefile_diffs(change: Change) -> Iterator[tuple[str, str]]:
    """Yield the title and the diff of each Corefile of a DNS layer that is written.

    What a deletion cuts out is told from what the state remembers, since nobody has read the live text.
    """
    if change.operation is Operation.DELETE:
        yield from _cut_out(change)
        return
    for title, lines in edits(change).items():
        yield title.partition(" at resourceVersion ")[0], "\n".join(map(str, lines))


def _cut_out(change: Change) -> Iterator[tuple[str, str]]:
    inputs = change.old
    originals = mapping(change.outputs.get("original"))
    for key in mapping(inputs.get("owned")):
        try:
            zones = [
                ForwardedZone(
                    zone["zone"],
                    tuple(zone["servers"]),
                    int(zone["cacheSeconds"]),
                    tuple(zone["rewrite"].items()),
                    zone["policy"],
                )
                for zone in inputs["zones"]
            ]
            original = originals[key]
            written = plan(original, zones, Ownership(inputs["stack"])).text
        except (CorefileError, KeyError, TypeError, ValueError, AttributeError):
            continue  # the table says it in words
        lines = difflib.unified_diff(written.splitlines(), original.splitlines(), lineterm="")
        yield f"{inputs.get('namespace')}/{inputs.get('name')} {key}", "\n".join(list(lines)[2:])
