"""A project that discovery finds on the Git server is cloned from the same address by the real Argo CD."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab import site
from lab.first_sync.git_server import PREFIX
from lab.first_sync.repository import GROUP, PROJECT

if TYPE_CHECKING:
    from tests.engine.first_sync.conftest import At

pytestmark = pytest.mark.engine


def test_what_is_found_is_cloned_and_synced_from_one_address(at: At) -> None:
    there = at.move("dnsmasq")
    there.declare("projects", {})
    there.declare("discover", {"group": GROUP, "url": f"http://{site.SUPERVISOR}{PREFIX}"})
    try:
        printed = there.up()
        assert "1 of 1 projects of the group protobox1 have factory/CD/base" in " ".join(printed.split())
        assert there.declared() == [f"argo-{PROJECT}"]
        (row,) = there.made_status()["applications"]
        assert row["name"] == f"argo-{PROJECT}"
        assert not row["error"]
    finally:
        there.declare("discover", None)
        there.declare("projects", {PROJECT: {}})
