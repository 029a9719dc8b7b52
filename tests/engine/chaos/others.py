"""Others who work at the same moment: a second `up`, and Kubespray."""

from __future__ import annotations

import json
import subprocess
import time

from lab import seed
from lab.engine import stack_environment
from tests.engine.chaos.stage import Fault, Stage
from tests.engine.kills import reason

_LOCKED = "currently locked"
_SOON = 3.0
"""Within how many seconds after the first `up` the second one begins."""
_RUNS = 3


def _two_ups(stage: Stage) -> None:
    logs = [stage.folder / "first.log", stage.folder / "second.log"]
    with logs[0].open("w") as one, logs[1].open("w") as other, stage.at_work(output=one) as first:
        time.sleep(stage.chance.uniform(0, _SOON))
        stage.faults["second up"] += first.poll() is None
        with stage.kills.begin(stage.phase, output=other) as second:
            second.wait(900)
    for up, log in zip((first, second), logs, strict=True):
        printed = log.read_text(encoding="utf-8")
        if up.returncode and _LOCKED not in printed:
            stage.wrong.append(f"one of two has failed, and not since the state is locked: {reason(printed)}")


def _kubespray(stage: Stage) -> None:
    runs = stage.chance.randint(1, _RUNS)
    with stage.at_work() as up:
        for _ in range(runs):
            if stage.moment(up):
                kubespray_runs(stage)


def kubespray_runs(stage: Stage) -> None:
    """Write both Corefiles as Kubespray renders them, in its way."""
    ours = [one for one in seed.manifests() if one["kind"] == "ConfigMap"]
    for manifest in ours:
        manifest["metadata"].pop("annotations")
    subprocess.run(
        ["kubectl", "apply", "-f", "-"],
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": ours}),
        env=stack_environment(stage.lab),
        capture_output=True,
        check=True,
        text=True,
    )
    stage.faults["Kubespray"] += len(ours)


FAULTS = (
    Fault("two ups at once", _two_ups),
    Fault("Kubespray in the middle", _kubespray, takes_names=True),
)
