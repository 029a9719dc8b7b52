"""Whoever kills Pulumi in the middle of its work, the next plain `up` goes on from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.kills import DESTROY, FIRST, MORE, SWITCH, VICTIMS, Kills
from tests.engine.site import Site

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

ONE_UP_IS_ENOUGH = ("", "")
DELETES_THE_RECORD = "kubectl --context lab -n argocd delete secret"


@pytest.fixture
def kills(site: Site, tmp_path: Path) -> Iterator[Kills]:
    yield Kills(site, tmp_path, many=30)
    site.engine.clear_pending_creates()


@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_while_applications_are_made(kills: Kills, victim: str) -> None:
    kills.stack.up()
    kills.kill(MORE, victim, lambda: len(kills.stack.applications()) >= 10)
    assert kills.take_up() == ONE_UP_IS_ENOUGH


@pytest.mark.parametrize("victim", VICTIMS[:2])
def test_killed_while_helm_installs(kills: Kills, victim: str) -> None:
    kills.kill(FIRST, victim, kills.helm_is_at_work)
    cure, wrong = kills.take_up()
    assert wrong == ""
    assert not cure or cure.startswith(f"{DELETES_THE_RECORD} -l owner=helm,name=argocd")


def test_killed_while_helm_upgrades(kills: Kills) -> None:
    kills.stack.up()
    kills.kill(SWITCH, VICTIMS[1], kills.helm_is_at_work)
    cure, wrong = kills.take_up()
    assert wrong == ""
    assert cure == f"{DELETES_THE_RECORD} sh.helm.release.v1.argocd.v2"


@pytest.mark.parametrize("victim", VICTIMS[:3])
def test_killed_while_everything_is_taken_away(kills: Kills, victim: str) -> None:
    kills.stack.up()
    kills.kill(DESTROY, victim, lambda: len(kills.stack.applications()) < len(kills.projects))
    cure, wrong = kills.take_up()
    assert wrong == ""
    assert not cure or "pulumi refresh --yes --stack local --target" in cure


@pytest.mark.parametrize("victim", VICTIMS[:3])
def test_a_destroy_that_was_killed_in_helms_work_is_finished_by_another(kills: Kills, victim: str) -> None:
    kills.stack.up()
    kills.kill(DESTROY, victim, kills.helm_is_at_work)
    assert kills.finish() == ""
    assert kills.stack.engine.resources() == []
