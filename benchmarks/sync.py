"""How long it takes from the begin of `pulumi up` to what a user waits for, on the demo's site.

The real Argo CD 3.1.9, CoreDNS and Git are at work, in a private network; see `lab/first_sync`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from lab import site as the_site
from lab.errors import LabError
from lab.first_sync.namespace import first_sync_site
from lab.first_sync.site import FirstSync
from lab.local_stack import LAYERS

ANSWER, LOADED, UP, SYNC = STEPS = (
    "the first answer",
    "loaded by all DNS pods",
    "the end of up, with its proof",
    "the first sync",
)
_SECONDS = 300.0


def measured(runs: int, say: Callable[[str], object]) -> dict[str, list[float]]:
    """Return step → seconds since `up` began, for each run.

    Raises:
        LabError: the site cannot run here, or something did not come.
    """
    found: dict[str, list[float]] = {step: [] for step in STEPS}
    with first_sync_site() as site:
        site.start()
        site.choose("dnsmasq")
        for run in range(runs):
            say(f"from `up` to the first sync: {run + 1} of {runs}")
            for step, seconds in _once(site).items():
                found[step].append(round(seconds, 2))
            site.destroy()
            site.wait_for_answers(())
    return found


def _once(site: FirstSync) -> dict[str, float]:
    began = time.monotonic()

    def since(action: Callable[[], object]) -> float:
        action()
        return time.monotonic() - began

    with ThreadPoolExecutor() as pool:
        up = pool.submit(since, site.up)
        asked = [
            pool.submit(since, partial(_wait_for_answer, site, layer, began + _SECONDS)) for layer in LAYERS
        ]
        answered = [one.result() for one in asked]
        ended = up.result()
    return {ANSWER: min(answered), LOADED: max(answered), UP: ended, SYNC: since(site.sync)}


def _wait_for_answer(site: FirstSync, layer: str, end: float) -> None:
    """Wait until a layer answers the supervisor's address; before the edit it says that there is none."""
    while time.monotonic() < end:
        with suppress(LabError):
            site.wait_for_answers_of(layer, (the_site.SUPERVISOR,))
            return
    raise LabError(f"{layer} has not answered.")
