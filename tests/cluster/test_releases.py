"""What the next `up` makes of a Helm release that a killed run has left in the middle of its work."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from components.cluster.api import Reader
from components.cluster.helm_records import HelmRelease
from components.cluster.releases import Unfinished, release_warning, unfinished
from tests.test_adoption import OURS, RELEASE, live

URN = "urn:pulumi:dev::protobox-cd::kubernetes:helm.sh/v3:Release::argocd"
SECRETS = "/api/v1/namespaces/argocd/secrets"


def half(status: str, revision: int = 1, urn: str = "", writer: str = "pulumi-kubernetes") -> Unfinished:
    found = unfinished("argocd", 300, HelmRelease(status, revision, 1000, writer), urn)
    assert found
    assert f"is {status} (revision {revision})" in found.what
    return found


class Secrets:
    """Helm's records, in place of the API server."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.made: list[Any] = []

    def get(self, path: str, **options: Any) -> Any:
        assert (path, options["labelSelector"]) == (SECRETS, "owner=helm,name=argocd")
        return {"items": [{"metadata": {"name": name}} for name in self.names]}

    def delete(self, path: str) -> None:
        self.names.remove(path.removeprefix(f"{SECRETS}/"))

    def ask(self, path: str, question: Any) -> None:
        assert path == SECRETS
        self.made.append(question)


def taken_up(found: Unfinished, *names: str) -> tuple[list[str], list[Any]]:
    secrets: Any = Secrets(*names)
    reader: Reader = secrets
    found.take_up(reader)
    return secrets.names, secrets.made


@pytest.mark.parametrize("status", ["deployed", "superseded", "failed", "unknown"])
def test_what_helm_can_work_on_is_left_alone(status: str) -> None:
    assert unfinished("argocd", 300, HelmRelease(status), URN) is None
    assert unfinished("argocd", 300, None) is None


@pytest.mark.parametrize("status", ["pending-upgrade", "pending-rollback"])
@pytest.mark.parametrize("urn", ["", URN])
def test_the_record_of_an_unfinished_upgrade_goes_and_the_one_before_counts_again(
    status: str, urn: str
) -> None:
    found = half(status, 3, urn)
    last, before = "sh.helm.release.v1.argocd.v3", "sh.helm.release.v1.argocd.v2"
    assert taken_up(found, before, last) == ([before], [])
    assert found.description == ""
    there = live(namespace=OURS, releases=RELEASE)
    assert found.after(there) == there


def test_an_unfinished_installation_that_only_helm_knows_is_begun_again() -> None:
    found = half("pending-install")
    assert taken_up(found, "sh.helm.release.v1.argocd.v1") == ([], [])
    assert found.after(live(namespace=OURS, releases=RELEASE)).releases == {}


@pytest.mark.parametrize("status", ["pending-install", "uninstalling", "uninstalled"])
def test_what_pulumi_knows_and_helm_has_to_forget_gets_a_record_that_can_be_upgraded(status: str) -> None:
    found = half(status, 1, URN)
    left, (made,) = taken_up(found, "sh.helm.release.v1.argocd.v1")
    assert left == []
    assert made["metadata"]["labels"]["status"] == "failed"
    release = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(made["data"]["release"]))))
    assert (release["name"], release["version"], release["info"]["status"]) == ("argocd", 1, "failed")
    assert "manifest" not in release
    assert "made again by protobox-cd" in found.description
    there = live(namespace=OURS, releases=RELEASE)
    assert found.after(there) == there


def test_a_release_that_only_the_state_has_is_installed_again() -> None:
    found = unfinished("argocd", 300, None, URN)
    assert found
    assert found.is_of_pulumi
    assert found.seconds_left(0) == 0
    assert found.warning().endswith("has none; `up` installs it again")
    assert len(taken_up(found)[1]) == 1


def test_a_helm_that_may_be_at_work_is_given_its_time() -> None:
    assert half("pending-install").seconds_left(1001) == 299
    assert half("pending-install").seconds_left(-86400) == 300
    assert half("pending-install").seconds_left(1300) == half("uninstalling").seconds_left(2000) == 0


def test_a_preview_announces_what_up_does() -> None:
    warning = half("pending-upgrade", 2).warning()
    assert "`up` takes that record out, once it is older than 300 s" in warning
    assert "no workload is deleted" in warning
    assert "pulumi destroy" not in warning
    assert "To finish the removal instead: `pulumi destroy`" in half("uninstalling").warning()


@pytest.mark.parametrize("writer", ["Helm", "helm", ""])
def test_what_somebody_else_has_begun_is_left_to_them(writer: str) -> None:
    found = half("pending-upgrade", 2, writer=writer)
    assert not found.is_of_pulumi
    error = found.error("kubernetes-admin@cluster.local")
    assert "helm -n argocd rollback argocd" in error.fix
    assert error.fix.endswith(
        "kubectl --context kubernetes-admin@cluster.local -n argocd delete secret "
        "sh.helm.release.v1.argocd.v2"
    )


def test_a_failed_release_is_only_warned_of() -> None:
    assert "`helm -n argocd rollback argocd`" in release_warning(HelmRelease("failed", 2), "argocd")
    assert release_warning(HelmRelease(), "argocd") == release_warning(None, "argocd") == ""
