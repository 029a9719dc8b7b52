"""One lab for the lab's own tests, in a directory of its own beside the user's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.lab import Lab
from tests.conftest import a_lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from a_lab(tmp_path_factory.mktemp("lab"))
