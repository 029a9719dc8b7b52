"""What zone files say, of the plugins `file` and `auto`: which names they have, and which lead elsewhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import dns.exception
import dns.rdatatype
import dns.zone

from components.dns.corefile import Directive
from components.dns.corefile.imports import located
from components.dns.zones import bare, in_zone

_ALIASES = {dns.rdatatype.CNAME, dns.rdatatype.DNAME}
_ABOVE = {dns.rdatatype.NS, dns.rdatatype.DNAME}


@dataclass(frozen=True)
class ZoneFile:
    """A zone file in CoreDNS's pods; `records` is None where nobody here can read it."""

    origin: str
    path: str
    records: tuple[tuple[str, dns.rdatatype.RdataType, str], ...] | None
    """Name and type of each record, and the target of an alias; names without a final dot, in lower case."""

    def names_in(self, zone: str) -> list[str] | None:
        """Return the names of the file in `zone`, `*.x` for all below `x`; None if it cannot be read."""
        if self.records is None:
            return None
        found: dict[str, None] = {}
        for name, kind, _ in self.records:
            wide = name.startswith("*.") or kind in _ABOVE
            plain = name.removeprefix("*.")
            if in_zone(plain, zone):
                found[f"*.{plain}" if wide else plain] = None
            elif in_zone(zone, plain) and (name.startswith("*.") or (wide and plain != self.origin)):
                found[f"*.{zone}"] = None
        return list(found)

    def led_into(self, zone: str) -> list[tuple[str, str]]:
        """Return the aliases outside `zone` that lead into it, also over others, and their targets."""
        aliases = [
            (f"*.{name}" if kind == dns.rdatatype.DNAME else name, target)
            for name, kind, target in self.records or ()
            if kind in _ALIASES and not in_zone(name.removeprefix("*."), zone)
        ]
        found: dict[str, str] = {}
        for _ in aliases:  # at the most as many steps as there are aliases
            more = {
                name: target
                for name, target in aliases
                if name not in found
                and (in_zone(target, zone) or any(_covers(alias, target) for alias in found))
            }
            if not more:
                break
            found |= more
        return list(found.items())


def zone_files(line: Directive, zones: Iterable[str], files: Mapping[str, str]) -> Iterator[ZoneFile]:
    """Yield the zone files that a line of the plugin `file` or `auto` reads.

    `zones` are those of its server block, for a line that names none; `files` is whole path → text.
    """
    if line.name == "file":
        path = located(line.args[0]) if line.args else ""
        for origin in map(bare, line.args[1:] or zones):
            yield ZoneFile(origin, path, _records(files[path], origin) if path in files else None)
        return
    for option in line.body:
        if option[0] != "directory" or len(option) < 2:  # noqa: PLR2004 - the word and the folder
            continue
        folder = located(option[1])
        pattern, template = (option[2], option[3]) if len(option) > 3 else (r"db\.(.*)", "{1}")  # noqa: PLR2004
        read = [path for path in files if path.startswith(f"{folder}/")]
        for path in read:
            if found := re.search(pattern, posixpath.basename(path)):
                origin = template
                for number, group in enumerate((found[0], *found.groups(""))):
                    origin = origin.replace(f"{{{number}}}", group)
                yield ZoneFile(bare(origin), path, _records(files[path], origin))
        if not read:
            yield from (ZoneFile(bare(origin), folder, None) for origin in line.args or zones)


def _records(text: str, origin: str) -> tuple[tuple[str, dns.rdatatype.RdataType, str], ...] | None:
    try:
        zone = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
    except (dns.exception.DNSException, ValueError):
        return None
    return tuple(
        (bare(str(name)), rdataset.rdtype, bare(str(record.target)) if rdataset.rdtype in _ALIASES else "")
        for name, rdataset in zone.iterate_rdatasets()
        for record in rdataset
    )


def _covers(name: str, target: str) -> bool:
    return name == target or (name.startswith("*.") and in_zone(target, name[2:]))
