"""Kill what works on the stack, and what the cluster is made of."""

from __future__ import annotations

import time
from functools import partial

from tests.engine.chaos.stage import Fault, Stage
from tests.engine.kills import VICTIMS

_LONGEST_AWAY = 8.0


def _killed(victim: str, stage: Stage) -> None:
    began, moment = time.monotonic(), stage.chance.uniform(0.5, stage.kills.longest[stage.phase])
    checkpoints = stage.chance.random() < 0.5
    stage.kills.kill(
        stage.phase, victim, lambda _: time.monotonic() - began > moment, checkpoints=checkpoints
    )
    stage.faults["SIGKILL"] += 1
    stage.notes.append(f"after {moment:.1f} s{'' if checkpoints else ', without checkpoints'}")


def _server_killed(name: str, stage: Stage) -> None:
    with stage.at_work() as up:
        if stage.moment(up):
            with stage.watched.without_the_api_server(stage.lab), stage.lab.without(name):
                stage.faults["SIGKILL"] += 1
                time.sleep(stage.chance.uniform(0.2, _LONGEST_AWAY))


FAULTS = (
    *(Fault(f"SIGKILL: {victim}", partial(_killed, victim)) for victim in VICTIMS),
    *(Fault(f"SIGKILL: {name}", partial(_server_killed, name)) for name in ("kube-apiserver", "etcd")),
)
