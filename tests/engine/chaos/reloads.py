"""An API server that goes away just when CoreDNS reloads, which then knows nothing of the cluster."""

from __future__ import annotations

import time

from lab.processes import wait_until
from tests.engine.chaos.stage import Fault, Stage
from tests.engine.kills import DESTROY, FIRST, SWITCH

_TO_WRITE = 120.0
_AWAY = (8.0, 15.0)
"""For how many seconds the API server is away: a CoreDNS that starts waits five for it, and serves then."""


def away_while_coredns_reloads(stage: Stage) -> None:
    """Kill the API server as soon as CoreDNS's pod has a Corefile of ours, and let it come back later."""
    mounted = stage.lab.directory / "dns" / "coredns.Corefile"
    before = mounted.read_text(encoding="utf-8")
    with stage.at_work() as up:
        wait_until(
            lambda: up.poll() is not None or mounted.read_text(encoding="utf-8") != before,
            _TO_WRITE,
        )
        if up.poll() is None:
            away = stage.chance.uniform(*_AWAY)
            with stage.watched.without_the_api_server(stage.lab), stage.lab.without("kube-apiserver"):
                stage.faults["reload without the API server"] += 1
                time.sleep(away)
            stage.notes.append(f"away for {away:.1f} s")


FAULTS = (Fault("API server away at a reload", away_while_coredns_reloads, phases=(FIRST, SWITCH, DESTROY)),)
