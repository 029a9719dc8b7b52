"""Whatever fails while Pulumi works, one plain `up` is enough, and DNS answers on.

All of these work on the same stack, one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from lab.lab import Lab
from tests.engine.chaos.__main__ import FAULTS
from tests.engine.chaos.rounds import played
from tests.engine.conftest import a_site
from tests.engine.kills import FIRST, MORE, PHASES, SWITCH, VICTIMS, Kills

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def kills(lab: Lab, originals: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kills]:
    folder = tmp_path_factory.mktemp("chaos")
    for site in a_site(lab, originals, folder):
        kills = Kills(site, folder, many=10)
        site.up()
        began = time.monotonic()
        kills.declare(MORE)
        site.up()
        kills.longest = dict.fromkeys(PHASES, time.monotonic() - began)
        kills.options = ("--skip-preview",)
        yield kills
        site.engine.clear_pending_creates()
        # The cluster's controllers look for an API server that was away again only after up to 40 seconds.
        site.kubectl("create", "job", "awake", "--image=any")
        site.kubectl("wait", "--for=condition=complete", "job/awake", "--timeout=120s")
        site.kubectl("delete", "job", "awake")


def struck(kills: Kills, kind: str, phase: str, seed: int) -> None:
    (fault,) = (fault for fault in FAULTS if fault.name == kind)
    if reason := fault.missing():
        pytest.skip(reason)
    found = played(kills, fault, phase, seed)
    assert found.wrong == ""
    assert found.asked


# The first up takes away what the other one has added. `test_recovery` has the worst moments of each kill.
@pytest.mark.parametrize(("phase", "victim"), [(MORE, VICTIMS[0]), (FIRST, VICTIMS[3])])
def test_killed_at_a_random_moment_of_up(kills: Kills, phase: str, victim: str) -> None:
    struck(kills, f"SIGKILL: {victim}", phase, seed=VICTIMS.index(victim))


@pytest.mark.parametrize(
    ("kind", "phase"),
    [
        ("SIGKILL: kube-apiserver", FIRST),
        ("SIGKILL: etcd", MORE),
        ("API server answers wrongly", FIRST),
        ("two ups at once", MORE),
        ("Kubespray in the middle", FIRST),
        ("disk full under the state", MORE),
        ("clock jumps", FIRST),
        ("API server away at a reload", SWITCH),
    ],
)
def test_struck_by(kills: Kills, kind: str, phase: str) -> None:
    struck(kills, kind, phase, seed=1)
