"""A clock that jumps: the one that our program reads on this machine, and the one of the machine before.

What is written in Go reads the kernel's clock without asking any library, so that of Pulumi and Helm stays.
"""

from __future__ import annotations

import subprocess
import time

from lab.engine import stack_environment
from tests.engine.chaos.stage import Fault, Stage
from tests.engine.kills import DESTROY, FIRST, SWITCH, VICTIMS, helm_is_at_work, reason

_JUMPS = (-86400 * 400, -7200, -90, 90, 7200, 86400 * 400)
_PATCH = """
import time
_real = time.time
time.time = lambda: _real() + {jump} * (_real() > {at})
"""
"""Python reads this file at its start."""


def clock_jumps(stage: Stage) -> None:
    """Let the clock of our own code jump at a random moment."""
    jump = stage.chance.choice(_JUMPS)
    at = time.time() + stage.chance.uniform(0, stage.kills.longest[stage.phase])
    (stage.folder / "sitecustomize.py").write_text(_PATCH.format(at=at, jump=jump), encoding="utf-8")
    log = stage.folder / "up.log"
    with log.open("w") as output, stage.at_work({"PYTHONPATH": str(stage.folder)}, output) as up:
        pass
    stage.faults["clock jumps"] += time.time() > at
    stage.notes.append(f"by {jump} s")
    if up.returncode:
        stage.wrong.append(f"an `up` under a clock that jumps fails: {reason(log.read_text('utf-8'))}")


def helm_of_the_future(stage: Stage) -> None:
    """Kill everything in Helm's work, and date its record as a machine does whose clock is a year ahead."""
    stage.kills.kill(stage.phase, VICTIMS[1], helm_is_at_work)
    wrong = f"modifiedAt={time.time() + 86400 * 365:.0f}"
    pulumi = "--field-manager=pulumi-kubernetes"  # as whose the record counts
    subprocess.run(
        ["kubectl", "-n", "argocd", "label", "secret", "--overwrite", pulumi, "-l", "owner=helm", wrong],
        env=stack_environment(stage.lab),
        capture_output=True,
        check=True,
    )
    stage.faults["record of the future"] += 1


FAULTS = (
    Fault("clock jumps", clock_jumps),
    Fault("Helm's record of the future", helm_of_the_future, phases=(FIRST, SWITCH, DESTROY)),
)
