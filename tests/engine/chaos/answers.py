"""An API server that answers wrongly, late or not at all."""

from __future__ import annotations

from tests.engine.chaos.proxy import Disturbance, proxied
from tests.engine.chaos.stage import Fault, Stage

RATES = (3.0, 10.0, 30.0)
"""How many of a hundred requests meet a fault."""


def answers_wrongly(stage: Stage, rate: float = 0) -> None:
    """Let so many of a hundred requests meet a fault; 0: by chance."""
    disturbance = Disturbance(stage.chance, rate or stage.chance.choice(RATES), stage.chance.randrange(20))
    stage.notes.append(f"{disturbance.rate:.0f} % of the requests")
    with (
        proxied(stage.lab.kubeconfig, stage.folder, disturbance) as kubeconfig,
        stage.at_work({"KUBECONFIG": str(kubeconfig)}),
    ):
        pass
    stage.faults += disturbance.seen


FAULTS = (Fault("API server answers wrongly", answers_wrongly),)
