"""One site with a real Argo CD for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.errors import LabError
from lab.first_sync.namespace import first_sync_site, unshare_command
from lab.first_sync.programs import FirstSyncPrograms
from lab.first_sync.site import FirstSync

WARM = "tests.engine.first_sync.inside"


class At:
    """The site, and the strategy that its stack was last brought to."""

    def __init__(self, site: FirstSync) -> None:
        self.site = site
        self.strategy = ""
        self.printed = ""
        """What the last `up` printed that was needed for a move."""

    def move(self, strategy: str) -> FirstSync:
        """Bring the stack to `strategy` with one `up`, unless it is there."""
        if strategy != self.strategy:
            self.strategy = ""  # should `up` fail, the next test begins with another one
            self.site.choose(strategy)
            self.printed = self.site.up()
            self.strategy = strategy
        return self.site


@pytest.fixture(scope="session")
def can_run() -> None:
    """Skip where the site cannot run, and say why."""
    if absent := FirstSyncPrograms.missing():
        pytest.skip(f"there is no real Argo CD to ask: {'; '.join(absent)}")
    try:
        unshare_command()
    except LabError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="package")
def at(can_run: None) -> Iterator[At]:
    """The site; it ends with the last test of this folder: an Argo CD costs time also when it is idle."""
    with first_sync_site(WARM) as site:
        site.start()
        yield At(site)
