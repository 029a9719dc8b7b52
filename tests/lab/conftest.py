"""The lab of the process, as its own tests expect it."""

from __future__ import annotations

import pytest

from lab.lab import Lab
from lab.local_stack import LAYERS


@pytest.fixture(scope="module")
def lab(lab: Lab) -> Lab:
    """The lab, once no layer answers any more by the Corefile of an engine test before."""
    for layer in LAYERS:
        lab.wait_for_answer(layer, "git.protobox", rcode="NXDOMAIN")
    return lab
