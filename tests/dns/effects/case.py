"""One thing to try: a Corefile, what lies beside it, and the zones that are to be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.dns.zones import AnyZone

FOLDER = "/etc/coredns"

_OF_PLUGINS = ("db.", ".hosts", "NodeHosts")


@dataclass(frozen=True)
class Case:
    """What the product is given, and what the pod of CoreDNS has besides."""

    corefile: str
    zones: tuple[AnyZone, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    """Path as the Corefile writes it → text: imported files, `hosts` files, zone files."""
    names: Sequence[str] = ()
    """Names that nobody can read in the texts, such as those that a regular expression matches."""
    cluster: Sequence[str] = ()
    """The cluster's own zones, where another Corefile serves them."""
    hidden: str = ""
    """A folder whose files only CoreDNS can read."""
    shape: str = ""
    """Which of the shapes it was made from, for the counters."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts in which names stand."""
        return (self.corefile, *self.files.values())

    def __str__(self) -> str:
        zones = "\n".join(f"zone {zone}" for zone in self.zones)
        cluster = f"node-local cache of a cluster with {', '.join(self.cluster)}, " if self.cluster else ""
        files = "".join(f"--- file {path}\n{text}\n" for path, text in self.files.items())
        cluster += f"nobody can read {self.hidden}, " if self.hidden else ""
        return f"{zones}\n{cluster}shape {self.shape}\n--- Corefile\n{self.corefile}\n{files}".rstrip()


def is_corefile(path: str) -> bool:
    """Tell whether a file of a case is imported, and not read by a plugin."""
    return not any(mark in path for mark in _OF_PLUGINS)
