"""`python -m tools.try_corefile STACKFILE COREFILE`: what a stack would make of a Corefile, and from whom it takes what.

No cluster, no Pulumi, no credentials: a careful operator's first look. Ends with 0 when the Corefile would be
edited or is right already, with 1 when it would be refused or names are taken that the stack file does not accept.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.dns.corefile import CorefileError
from components.dns.corefile.imports import FOLDER
from components.dns.effect import Taken
from components.dns.plan import Ownership, Surroundings, plan
from components.dns.zones import ForwardedZone

COREDNS, NODE_LOCAL = "coredns", "nodelocaldns"


@dataclass(frozen=True)
class Outcome:
    """What becomes of one Corefile."""

    outcome: str
    """`edited`, `unchanged` or `refused`."""
    reason: str = ""
    """Why it is refused."""
    text: str = ""
    """The whole new text; the old one where nothing changes."""
    takes_away: tuple[Taken, ...] = ()
    left_to_others: tuple[str, ...] = ()
    """Keys such as `protobox:53` that somebody else serves in the same way."""
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as data for a program."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "text": self.text,
            "takes_away": [{"name": taken.name, "from": taken.source} for taken in self.takes_away],
            "left_to_others": list(self.left_to_others),
            "warnings": list(self.warnings),
        }


def tried(
    corefile: str,
    zones: Sequence[ForwardedZone],
    *,
    stack: str = "try",
    hosts: Collection[str] = (),
    files: Mapping[str, str] | None = None,
    cluster: Collection[str] = (),
) -> Outcome:
    """Return what the program would make of `corefile`.

    Args:
        corefile: the text.
        zones: the zones to forward.
        stack: the stack's name.
        hosts: the names that have to resolve; none: every name of the zones.
        files: whole path in CoreDNS's pods → text, of what the Corefile imports or reads.
        cluster: the cluster's own zones, where this Corefile does not say them: of a node-local cache.
    """
    around = Surroundings(files=files or {}, cluster=cluster, hosts=hosts)
    try:
        planned = plan(corefile, zones, Ownership(stack), around)
    except CorefileError as error:
        return Outcome("refused", str(error), corefile)
    outcome = "unchanged" if planned.text == corefile else "edited"
    return Outcome(outcome, "", planned.text, planned.taken, planned.left, planned.warnings)
