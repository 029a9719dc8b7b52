"""Whoever kills Pulumi in the middle of its work, the next plain `up` goes on from there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.lab import Lab
from tests.engine.conftest import a_site
from tests.engine.kills import DESTROY, FIRST, MORE, SWITCH, VICTIMS, Kills, applications, helm_is_at_work

pytestmark = pytest.mark.engine

MANY = 12
"""How many Applications come and go while something is killed."""
ALONE, TREE, PLUGIN, _ = VICTIMS
"""Not each is killed at each moment: `make recover` kills them at random. Where the state is written once, a
plugin is no case of its own, since Pulumi outlives it and writes what it has done."""


@pytest.fixture(scope="module")
def stack(lab: Lab, originals: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kills]:
    """One stack for all of these, which is brought to where each begins: Helm's work takes five seconds."""
    folder = tmp_path_factory.mktemp("killed")
    for site in a_site(lab, originals, folder):
        yield Kills(site, folder, many=MANY)


@pytest.fixture
def kills(stack: Kills) -> Iterator[Kills]:
    yield stack
    stack.stack.engine.clear_pending_creates()


@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_while_applications_are_made(kills: Kills, victim: str) -> None:
    kills.bring_to(FIRST)
    kills.kill(MORE, victim, lambda cluster: applications(cluster) > MANY // 2)
    assert kills.take_up() == ""


def test_killed_while_applications_are_made_and_the_state_is_written_once(kills: Kills) -> None:
    kills.bring_to(FIRST)
    kills.kill(MORE, ALONE, lambda cluster: applications(cluster) > MANY // 2, checkpoints=False)
    assert kills.take_up() == ""


def test_killed_while_applications_go_and_the_state_is_written_once(kills: Kills) -> None:
    kills.bring_to(MORE)
    kills.kill(FIRST, TREE, lambda cluster: applications(cluster) < MANY, checkpoints=False)
    assert kills.take_up() == ""


def test_killed_while_helm_upgrades(kills: Kills) -> None:
    kills.bring_to(FIRST)
    kills.kill(SWITCH, TREE, helm_is_at_work)
    assert kills.take_up() == ""


@pytest.mark.parametrize("victim", [TREE, PLUGIN])
def test_killed_while_everything_is_taken_away(kills: Kills, victim: str) -> None:
    kills.bring_to(FIRST)
    kills.kill(DESTROY, victim, lambda cluster: applications(cluster) < len(kills.projects))
    assert kills.take_up() == ""


@pytest.mark.parametrize("victim", [ALONE, PLUGIN])
def test_a_destroy_that_was_killed_in_helms_work_is_finished_by_another(kills: Kills, victim: str) -> None:
    kills.bring_to(FIRST)
    kills.kill(DESTROY, victim, helm_is_at_work)
    assert kills.finish() == ""
    assert kills.stack.engine.resources() == []


@pytest.mark.parametrize("victim", [ALONE, TREE])
def test_killed_while_helm_installs(kills: Kills, victim: str) -> None:
    kills.bring_to(DESTROY)
    kills.kill(FIRST, victim, helm_is_at_work)
    assert kills.take_up() == ""


def test_killed_while_everything_is_made_and_the_state_is_written_once(kills: Kills) -> None:
    kills.bring_to(DESTROY)
    kills.kill(FIRST, TREE, lambda cluster: applications(cluster) > 0, checkpoints=False)
    assert kills.take_up() == ""
