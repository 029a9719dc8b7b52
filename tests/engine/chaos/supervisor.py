"""The supervisor's DNS server that dies and comes back while `up` proves that the names resolve."""

from __future__ import annotations

import time

from lab.site import DNSMASQ
from tests.engine.chaos.stage import Fault, Stage
from tests.engine.kills import reason

_LONGEST_AWAY = 15.0


def supervisor_away(stage: Stage) -> None:
    """Let dnsmasq die and come back; with the proof, `up` has to wait for it."""
    stage.kills.verify = True
    log = stage.folder / "up.log"
    with log.open("w") as output, stage.at_work(output=output) as up:
        if stage.moment(up):
            stage.lab.stop_server(DNSMASQ.name)
            try:
                stage.faults["dnsmasq away"] += 1
                time.sleep(stage.chance.uniform(0.2, _LONGEST_AWAY))
            finally:
                stage.lab.start_server(DNSMASQ.name)
    stage.kills.verify = False
    if up.returncode:
        stage.wrong.append(f"without dnsmasq for a while it fails: {reason(log.read_text('utf-8'))}")


FAULTS = (Fault("supervisor's DNS away", supervisor_away, takes_names=True),)
