"""A preview where the cluster cannot be reached, on the real engine; and an `up` there, which is refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml

from tests.engine.site import Site

pytestmark = pytest.mark.engine

COREFILE = "pulumi-python:dynamic/coredns:CorefileZones"
SERVERS = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.8"], "verify": False}


@contextmanager
def away(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work where the kubeconfig names an API server that does not answer."""
    config = yaml.safe_load(site.lab.kubeconfig.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    kubeconfig = site.lab.directory / "away-kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(type(site.lab), "kubeconfig", kubeconfig)
        patched.setenv("PROTOBOX_OFFLINE", "1")
        yield


def previewed(site: Site) -> tuple[dict[str, Any], str]:
    """Return what a preview says in JSON, and its one warning about what it does not know."""
    digest = json.loads(site.engine.run("preview", "--json"))
    said = [one["message"] for one in digest["diagnostics"]]
    (warning,) = (message for message in said if message.startswith("warning: Offline preview:"))
    return digest, warning


def state(site: Site) -> list[dict[str, Any]]:
    """Return the resources in the state by URN, decrypted: Pulumi encrypts and orders anew when it writes."""
    exported = json.loads(site.engine.run("stack", "export", "--show-secrets"))
    resources: list[dict[str, Any]] = exported["deployment"]["resources"]
    return sorted(resources, key=lambda resource: str(resource["urn"]))


def kinds(digest: dict[str, Any], operation: str) -> Counter[str]:
    """Return how many resources of each type have this operation."""
    return Counter(
        step["newState"]["type"] for step in digest["steps"] if step["op"] == operation and "newState" in step
    )


def test_a_first_deploy_is_shown_whole_without_the_cluster(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with away(site, monkeypatch):
        digest, warning = previewed(site)
    created = kinds(digest, "create")
    for kind, count in {
        COREFILE: 2,
        "kubernetes:helm.sh/v3:Release": 1,
        "kubernetes:argoproj.io/v1alpha1:Application": 1,
    }.items():
        assert created[kind] == count
    assert "+protobox:53 {" in json.dumps(digest["steps"])
    assert "KUBECONFIG=/dev/null" in warning  # this machine's kubeconfig has the context


def test_a_stack_that_is_deployed_shows_its_changes_and_no_others_and_an_up_is_refused(
    deployed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, corefiles = state(deployed), deployed.corefiles()
    with away(deployed, monkeypatch):
        unchanged, _ = previewed(deployed)
        deployed.edit("dns", SERVERS)
        deployed.edit("projects", {"docserver": {}, "billing": {}})
        changed, warning = previewed(deployed)
        refused = deployed.engine.run("up", "--yes", fails=True)
    assert set(unchanged["changeSummary"]) == {"same"}
    assert kinds(changed, "update") == {COREFILE: 2}
    assert kinds(changed, "create") == {"kubernetes:argoproj.io/v1alpha1:Application": 1}
    assert "kube-system/coredns" in warning
    assert "-    forward . 192.168.1.7" in json.dumps(changed["steps"])
    assert "+    forward . 192.168.1.8" in json.dumps(changed["steps"])
    assert "PROTOBOX_OFFLINE is set, so this run may not change anything" in " ".join(refused.split())
    assert "Traceback" not in refused
    assert state(deployed) == before
    assert deployed.corefiles() == corefiles
