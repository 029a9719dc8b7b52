"""Make a case smaller as long as it shows the same, for a person to look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from components.dns.zones import ForwardedZone
from tests.dns.effects.case import Case


def shrunk(case: Case, still: Callable[[Case], bool], tries: int = 80) -> Case:
    """Return a smaller case for which `still` holds, after at most that many tries."""
    progress = True
    while progress and tries > 0:
        progress = False
        for smaller in _smaller(case):
            tries -= 1
            if tries <= 0:
                break
            if still(smaller):
                case, progress = smaller, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for number in range(len(case.zones)):
        if len(case.zones) > 1:
            yield replace(case, zones=case.zones[:number] + case.zones[number + 1 :])
    for path in case.files:
        yield replace(case, files={name: text for name, text in case.files.items() if name != path})
    for text in _shorter(case.corefile):
        yield replace(case, corefile=text)
    for path, before in case.files.items():
        for text in _shorter(before):
            yield replace(case, files={**case.files, path: text})
    for zone in case.zones:
        if isinstance(zone, ForwardedZone) and (zone.rewrite or zone.policy or len(zone.servers) > 1):
            plain = replace(zone, rewrite=(), policy="", servers=zone.servers[:1])
            yield replace(case, zones=tuple(plain if one == zone else one for one in case.zones))


def _shorter(text: str) -> Iterator[str]:
    """Yield `text` without one of its parts: the longest first."""
    lines = text.splitlines(keepends=True)
    spans = []
    opened: list[int] = []
    for number, line in enumerate(lines):
        if re.search(r"\{\s*(#.*)?$", line):
            opened.append(number)
        elif line.strip().startswith("}") and opened:
            spans.append((opened.pop(), number + 1))
        else:
            spans.append((number, number + 1))
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        yield "".join(lines[:start] + lines[end:])
