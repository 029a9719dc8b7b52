"""Whatever the API server answers while Pulumi works, one plain `up` is enough, and DNS answers on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.chaos.__main__ import disturbed
from tests.engine.kills import MORE, SWITCH, Kills
from tests.engine.site import Site

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.fixture
def kills(site: Site, tmp_path: Path) -> Iterator[Kills]:
    yield Kills(site, tmp_path, many=10)
    site.engine.clear_pending_creates()


@pytest.mark.parametrize(("phase", "seed"), [(MORE, 2), (SWITCH, 3)])
def test_after_faults_of_the_api_server_one_up_is_enough(kills: Kills, phase: str, seed: int) -> None:
    kills.stack.up()
    found = disturbed(kills, phase, 30, seed)
    assert found.wrong == ""
    assert found.faults.total()
    assert found.asked
