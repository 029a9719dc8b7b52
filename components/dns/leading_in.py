"""Names outside a zone whose answers lead into it: aliases in zone files, templates and rewrites."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from components.dns.corefile import Directive
from components.dns.patterns import Pattern
from components.dns.plugins import rule_words
from components.dns.records import ZoneFile, zone_files
from components.dns.view import View
from components.dns.zones import bare, in_zone


@dataclass(frozen=True)
class Taken:
    """Names whose answers change."""

    name: str
    """One name, or `*.corp` for `corp` and every name below it."""
    source: str
    """Who answered them before, and where that stands: `hosts, line 7`."""

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"

    def accepted(self, takes_over: Collection[str]) -> bool:
        """Tell whether the stack file's `takesOver` names this, or all that is around it."""
        return self.name in takes_over or any(
            wide.startswith("*.") and in_zone(self.name.removeprefix("*."), wide[2:]) for wide in takes_over
        )


def led_into(zone: str, kept: Collection[str], view: View) -> Iterator[Taken | str]:
    """Yield the names outside the zone whose answers lead into it, and warnings of what nobody can know."""
    for block in view.corefile.server_blocks:
        zones = [key.name for key in block.zone_keys]
        for line in (*block.named("file"), *block.named("auto")):
            for file in zone_files(line, zones, view.files):
                yield from _led_by(file, zone, kept, view, line)
        for line in block.named("template"):
            targets = (target for option in line.body for word in option for target in _targets(word, zone))
            if target := next((target for target in targets if not is_kept(target, kept)), ""):
                source = f"template, {view.place(line.start)}: it leads to {target}"
                yield from (Taken(_below(bare(name)), source) for name in line.args[2:] or zones)
        for line in block.named("rewrite"):
            words = rule_words(line)
            if words[:1] == ["cname"] and in_zone(bare(words[-1]), zone):
                yield Taken("*", f"rewrite, {view.place(line.start)}: it leads to {bare(words[-1])}")


def _targets(record: str, zone: str) -> list[str]:
    """Return where in `zone` an alias that a template writes as `record` may lead, if it is one."""
    found = re.search(r"\s(?:cname|dname)\s+(?P<made>.*}})?(?P<text>\S*)\s*$", record.lower(), re.DOTALL)
    return Pattern("suffix" if found["made"] else "exact", found["text"]).within(zone) if found else []


def _below(zone: str) -> str:
    return "*" if zone == "." else f"*.{zone}"


def _led_by(
    file: ZoneFile, zone: str, kept: Collection[str], view: View, line: Directive
) -> Iterator[Taken | str]:
    has_it = [
        block for block in view.corefile.server_blocks if file.origin in (key.name for key in block.zone_keys)
    ]
    if has_it and not any(line in block.plugins for block in has_it):
        return  # another block has the zone, and nobody asks this file
    if file.records is None:
        yield (
            f"the zone file {file.path} ({view.place(line.start)}) cannot be read from here: aliases in it "
            f"that lead below {zone} get other answers"
        )
    for name, target in file.led_into(zone):
        if not is_kept(target, kept):
            yield Taken(name, f"{line.name}, {file.path}: it leads to {target}")


def is_kept(suffix: str, kept: Collection[str]) -> bool:
    """Tell whether the names below `suffix` stay with a block for one of the zones `kept`."""
    return any(in_zone(suffix, other) for other in kept)
