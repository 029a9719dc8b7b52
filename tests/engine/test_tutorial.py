"""The tutorial's own command breaks the lab's DNS as it says, and the next `up` heals it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.pages import fences
from tests.engine import dns_program
from tests.engine.site import GIT, Site

pytestmark = pytest.mark.engine


@pytest.fixture
def site(site: Site, tmp_path: Path) -> Site:
    """The site with the DNS part of the program only."""
    shutil.copy(str(dns_program.__file__), tmp_path / "__main__.py")
    return site


def test_what_the_tutorial_breaks_is_shown_by_the_preview_healed_by_up_and_given_back_by_destroy(
    deployed: Site, originals: dict[str, str]
) -> None:
    lines = [line for fence in fences("docs/tutorial.md") for line in fence.text.splitlines()]
    (breaking,) = [line for line in lines if "kubectl replace" in line]
    deployed.resolves()
    deployed.run("sh", "-c", breaking)
    deployed.lab.wait_for_answer("nodelocaldns", GIT, rcode="NXDOMAIN")
    deployed.lab.wait_for_answer("coredns", GIT, addresses=("192.168.1.7",))
    assert "+protobox:53 {" in deployed.engine.run("preview", "--diff")
    deployed.up()
    deployed.resolves()
    deployed.destroy()
    assert deployed.corefiles() == originals
    deployed.does_not_resolve()
