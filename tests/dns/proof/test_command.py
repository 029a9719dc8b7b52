from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

from components.dns.deployment import dns_strategy
from components.dns.proof.command import what_to_prove
from components.projects.application import hosts_in_use
from components.stackfile.problems import SettingsError
from tests.site import settings


def asked(monkeypatch: pytest.MonkeyPatch, *, preview: bool, verify: bool = True) -> bool:
    """Tell whether the page's site asks for a proof."""
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: preview)
    dns = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"], "verify": verify}
    site = settings(dns=dns)
    hosts = hosts_in_use(site.applications)
    return what_to_prove(site.dns, dns_strategy(site.dns, hosts), hosts, "lab", "argocd") is not None


def test_an_up_that_could_not_prove_anything_stops_before_it_changes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError) as caught:
        asked(monkeypatch, preview=False)
    (problem,) = caught.value.problems
    assert problem.where == "protobox-cd:dns.verify"
    assert problem.what == "there is no kubectl on PATH"


@pytest.mark.parametrize(("preview", "verify"), [(True, True), (True, False), (False, False)])
def test_who_proves_nothing_needs_no_kubectl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preview: bool, verify: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asked(monkeypatch, preview=preview, verify=verify) == verify


def test_with_kubectl_there_is_a_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asked(monkeypatch, preview=False)
