"""What to do about a Helm release that a killed run has left in the middle of its work."""

from __future__ import annotations

import pytest

from components.cluster import ClusterError
from components.live import HelmRelease
from components.releases import release_error, release_warning
from tests.site import settings

URN = "urn:pulumi:dev::protobox-cd::kubernetes:helm.sh/v3:Release::argocd"
KUBECTL = "kubectl --context kubernetes-admin@cluster.local -n argocd delete secret"
REFRESH = f"pulumi refresh --yes --stack dev --target '{URN}'"


def error(status: str, revision: int = 1, urn: str = "") -> ClusterError:
    found = release_error(settings(), HelmRelease(status, revision), urn)
    assert found
    assert f"is {status} (revision {revision})" in found.what
    return found


def last_lines(told: ClusterError) -> list[str]:
    return [line.strip() for line in told.fix.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("status", ["deployed", "superseded", "failed", "unknown"])
def test_what_helm_can_work_on_is_no_error(status: str) -> None:
    assert release_error(settings(), HelmRelease(status), URN) is None
    assert release_error(settings(), None) is None


@pytest.mark.parametrize("status", ["pending-upgrade", "pending-rollback"])
def test_the_record_of_an_unfinished_upgrade_is_taken_out_and_the_one_before_counts_again(
    status: str,
) -> None:
    assert last_lines(error(status, 3, URN)) == [f"{KUBECTL} sh.helm.release.v1.argocd.v3"]


def test_an_unfinished_installation_is_forgotten_by_helm_and_where_it_knows_it_by_pulumi() -> None:
    assert last_lines(error("pending-install")) == [f"{KUBECTL} -l owner=helm,name=argocd"]
    told = error("pending-install", urn=URN)
    assert last_lines(told) == [f"{KUBECTL} -l owner=helm,name=argocd && {REFRESH}"]
    assert "wait while a Pulumi or Helm is at work: it gives up after 300 s" in told.fix
    assert "deletes no workload" in told.fix


@pytest.mark.parametrize("status", ["uninstalling", "uninstalled"])
def test_an_unfinished_removal_is_undone_or_finished(status: str) -> None:
    told = error(status, 2, URN)
    assert last_lines(told) == [f"{KUBECTL} -l owner=helm,name=argocd && {REFRESH}"]
    assert "run `pulumi destroy` once more" in told.fix


def test_a_release_that_only_the_state_has_is_forgotten() -> None:
    told = release_error(settings(), None, URN)
    assert told
    assert last_lines(told) == [REFRESH]


def test_a_failed_release_is_only_warned_of() -> None:
    assert "`helm -n argocd rollback argocd`" in release_warning(HelmRelease("failed", 2), "argocd")
    assert release_warning(HelmRelease(), "argocd") == release_warning(None, "argocd") == ""
