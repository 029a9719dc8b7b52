"""A real Argo CD that is taken over starts no sync by it, and works on when it is given back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import site as the_site
from lab.first_sync.site import FirstSync
from lab.first_sync.story import NO_SUCH_HOST
from lab.local_stack import ROOT
from lab.processes import wait_until
from lab.programs import find_optional
from tests.engine.first_sync.conftest import At

pytestmark = pytest.mark.engine

WORKLOAD = ["Deployment", "Service", "ConfigMap"]
CHART = {"chart": {"path": str(ROOT / "lab" / "charts" / "argo-cd")}}


@pytest.fixture(scope="module")
def role(at: At) -> Iterator[FirstSync]:
    """The site with an Argo CD by Helm, and the page's Application by address, which is synced."""
    if not find_optional("helm"):
        pytest.skip("Helm is not built; `make lab-full` builds it")
    at.strategy = ""
    at.site.destroy()
    at.site.install_by_helm()
    at.site.declare_by_hand(the_site.SUPERVISOR)
    at.site.sync()
    at.site.choose("dnsmasq")
    yield at.site
    at.site.destroy()
    at.site.hand_over()
    at.site.declare("argocd", CHART)
    at.site.declare("defaults", None)
    at.site.declare("projects", {"docserver": {}})


def is_synced(site: FirstSync) -> bool:
    status = site.status()
    return (status.sync, status.health, status.error) == ("Synced", "Healthy", "")


def test_no_sync_is_started_and_after_destroy_argo_cd_and_the_workload_run(role: FirstSync) -> None:
    site, before = role, role.syncs()
    site.declare("argocd", {**CHART, "adopt": True})
    site.declare("defaults", {"adopt": True})
    printed = site.up()
    assert f"argo-docserver: http://{the_site.SUPERVISOR}/" in printed
    site.refresh()
    assert wait_until(lambda: is_synced(site), 180)
    assert site.syncs() == before
    site.declare("defaults", None)
    site.declare("argocd", CHART)
    site.destroy()
    assert site.workload() == WORKLOAD
    assert site.corefiles_are_the_originals()
    assert not [key for key in site.annotations() if key.startswith("protobox-cd/")]
    site.refresh()  # the name resolves no longer: Argo CD says so, and so it works
    assert NO_SUCH_HOST in site.wait_for_error(NO_SUCH_HOST).error
    assert site.syncs() == before


def test_a_cascade_is_carried_out_since_the_guard_sees_that_argo_cd_works(role: FirstSync) -> None:
    site = role
    site.declare("argocd", {**CHART, "adopt": True})
    site.declare("projects", {"docserver": {"adopt": True}, "other": {"cascade": "foreground"}})
    site.up()
    assert site.declared() == ["argo-docserver", "argo-other"]
    site.declare("projects", {"docserver": {}})
    site.up()
    assert site.declared() == ["argo-docserver"]
    assert site.workload() == WORKLOAD
