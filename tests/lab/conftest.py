"""One lab for all tests that need one, in a directory of its own beside the user's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.lab import Lab
from lab.programs import missing


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if names := missing():
        pytest.skip(f"the lab's programs are not built (`python -m lab build`): {', '.join(names)}")
    running = Lab(tmp_path_factory.mktemp("lab"))
    running.start()
    yield running
    running.stop()
