"""Which changes must not be merged, or carried out, by accident: what takes more along than it declares.

A deletion is refused unless it is known that it takes nothing along. A change is refused where it has the
effect of a deletion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.argocd.values import value_at as at
from review.changes import Change, Operation, Preview, items, mapping
from review.details import cascades, sources, takes_crds_along, zones
from review.markdown import code, plain
from review.words import QUIET, Kind, kind, object_name, secret_kind, subject

ALLOWED = "allow-deletion"
"""The label on a merge request whose author has meant it."""

_WHY = {
    Kind.DNS_LAYER: "the cluster no longer resolves the names in its zones, for Argo CD or for anybody else",
    Kind.ARGO_CD: "while Argo CD is away, nothing of any project is deployed or repaired",
    Kind.NAMESPACE: "everything in a namespace goes with it, also what this stack does not know",
    Kind.CRD: "every object of this kind in the cluster goes with it",
    Kind.APPLICATION: "Argo CD deletes its workload too (`cascade`)",
    Kind.APPLICATION_SET: "Argo CD deletes the Applications that it has made, and their workload with them",
    Kind.OTHER: "nobody can tell what goes with it",
}
_WHY_SECRET = {
    "cluster": "Argo CD no longer knows this cluster: what it deploys there is not synced any more",
    "Secret": "whatever reads this Secret loses it",
}
_NO_WAY_IN = "Argo CD loses its way into the repositories that it is for, and cannot sync from them"
_CRDS = (
    "Argo CD's CRDs go with it (`crds.keep: false`), and with them every Application in the cluster, also "
    "those that this stack does not know"
)
_HOST = re.compile(r"^(?:[\w+.-]+://[^/]*/|[^/:]*:)")
_REGISTERS = ("metadata", "labels", "argocd.argoproj.io/secret-type")
"""Where a Secret says what it registers with Argo CD."""
_MOST_NAMED = 5


@dataclass(frozen=True)
class Refusal:
    """A change that somebody has to mean, and why."""

    change: Change
    why: str
    told: str = ""
    """What is refused and why, as Markdown."""


@dataclass(frozen=True)
class Verdict:
    """What the guard says of a preview, and whether somebody has said that it is meant."""

    found: Sequence[Refusal] = ()
    allowed: bool = False

    @property
    def refuses(self) -> bool:
        """Whether the job has to fail."""
        return bool(self.found) and not self.allowed

    @property
    def told(self) -> list[str]:
        """Each refusal as a line for a terminal."""
        return [plain(one.told) for one in self.found]


def refusals(preview: Preview) -> list[Refusal]:
    """Return the changes that somebody has to mean, in the engine's order."""
    return [
        Refusal(one, why, f"{one.operation} {subject(one, preview)}: {why}")
        for one in preview.changes
        if (why := "; ".join(_reasons(one, preview)))
    ]


def _reasons(change: Change, preview: Preview) -> Iterator[str]:
    # What outlives its deletion from the stack is not deleted; nor is a DNS layer that is not there.
    stays = change.retained or change.old.get("present") is False
    match change.operation, kind(change):
        case _ if takes_crds_along(change):
            yield _CRDS
        case ((Operation.DELETE | Operation.REPLACE), one) if not stays:
            yield from _of_a_deletion(change, one, preview)
        case Operation.CHANGE, Kind.DNS_LAYER:
            yield from _of_zones(change)
        case Operation.CHANGE, Kind.ARGO_CD:
            yield from _of_hosts(change, preview)
        case Operation.CHANGE, Kind.APPLICATION:
            yield from _of_an_application(change)
        case Operation.CHANGE, Kind.SECRET if at(change.old, *_REGISTERS) != at(change.new, *_REGISTERS):
            yield _WHY_SECRET.get(secret_kind(change)[0], _NO_WAY_IN)


def _of_a_deletion(change: Change, one: Kind, preview: Preview) -> Iterator[str]:
    if one is Kind.SECRET:
        yield _WHY_SECRET.get(secret_kind(change)[0], _NO_WAY_IN)
    elif one is Kind.APP_PROJECT:
        users = [name for name, used in preview.app_projects.items() if used == object_name(change)]
        named = f"of this stack: {_named(users)}" if users else "this stack has none, others may"
        yield f"Applications in it are no longer synced; {named}"
    elif one not in QUIET and (one is not Kind.APPLICATION or cascades(change.old)):
        yield _WHY[one]


def _of_zones(change: Change) -> Iterator[str]:
    """Yield which zones of a DNS layer go, and which lose a server."""
    after = zones(change.new)
    for name, zone in zones(change.old).items():
        kept = items(mapping(after.get(name)).get("servers"))
        gone = [str(one) for one in items(zone.get("servers")) if one not in kept]
        if items(zone.get("addresses")):
            yield from _of_a_name(name, zone, after)
        elif name not in after:
            yield f"the zone {code(name)} is no longer forwarded, and its names do not resolve, for anybody"
        elif gone:
            yield f"the zone {code(name)} loses the server {_named(gone)}, which answers for it today"


def _of_a_name(name: str, zone: Mapping[str, Any], after: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield that a name which the cluster's DNS answers from hosts entries goes, or loses an address."""
    kept = items(mapping(after.get(name)).get("addresses"))
    gone = [str(address) for address in items(zone.get("addresses")) if address not in kept]
    if not any(f".{name}".endswith(f".{wider}") for wider in after):
        yield f"the name {code(name)} is no longer answered, and does not resolve, for anybody"
    elif gone and name in after:
        yield f"the name {code(name)} loses the address {_named(gone)}"


def _of_hosts(change: Change, preview: Preview) -> Iterator[str]:
    """Yield which names Argo CD's pods no longer find in their hosts entries, nor in a forwarded zone."""
    layers = [one for one in preview.changes if kind(one) is Kind.DNS_LAYER]
    forwarded = tuple(f".{zone}" for one in layers for zone in zones(one.new))
    gone = sorted(_hosts(change.old) - _hosts(change.new))
    if lost := [name for name in gone if not f".{name}".endswith(forwarded)]:
        yield f"Argo CD's pods no longer resolve {_named(lost)}"


def _hosts(inputs: Mapping[str, Any]) -> set[str]:
    aliases = items(at(inputs, "values", "global", "hostAliases"))
    return {str(name) for one in aliases for name in items(at(one, "hostnames"))}


def _of_an_application(change: Change) -> Iterator[str]:
    """Yield how a change of an Application takes its workload along: Argo CD prunes what it does not find."""
    automated = mapping(at(change.new, "spec", "syncPolicy", "automated"))
    if automated.get("prune") is not True or automated.get("enabled") is False:
        return
    if at(change.old, "spec", "destination") != at(change.new, "spec", "destination"):
        yield "it is deployed elsewhere, and Argo CD prunes what it finds of it at the old place (`prune`)"
    if _places(change.old) != _places(change.new):
        yield "it is read from elsewhere, and Argo CD prunes what is not there (`prune`)"


def _places(inputs: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return where an Application's sources are; another name of the same Git host is the same place."""
    return [
        (_HOST.sub("", str(one.get("repoURL"))).removesuffix(".git"), one.get("path"), one.get("chart"))
        for one in sources(inputs)
    ]


def _named(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_NAMED:,} more"] if len(names) > _MOST_NAMED else []
    return ", ".join([*map(code, names[:_MOST_NAMED]), *more])
