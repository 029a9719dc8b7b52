"""A mistake ends the preview with a message, without a traceback, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap

from tests.engine.site import Site

pytestmark = pytest.mark.engine

DNSMASQ = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]}


def refused(site: Site) -> str:
    """Return what a failing preview prints, on one line; it must be a message, and change nothing."""
    before = site.corefiles()
    printed = site.engine.run("preview", fails=True)
    assert "Traceback" not in printed
    assert site.corefiles() == before
    assert "why: " in printed
    assert "fix: " in printed
    return " ".join(printed.split())


@pytest.mark.parametrize(
    ("section", "value", "told"),
    [
        ("git", None, "protobox-cd:git (Pulumi.local.yaml) this key is missing"),
        ("dns", {**DNSMASQ, "zones": ["dnsmasq"]}, "nothing makes git.protobox"),
        ("cluster", {"context": "nowhere"}, "the kube-context 'nowhere' does not exist"),
    ],
)
def test_a_mistake_in_the_stack_file(site: Site, section: str, value: Any, told: str) -> None:
    site.edit(section, value)
    assert told in refused(site)


def test_a_cluster_without_the_coredns_configmap(site: Site, originals: dict[str, str]) -> None:
    with site.lab.client() as client:
        client.delete(ConfigMap, "coredns", namespace="kube-system")
        try:
            printed = site.engine.run("preview", fails=True)
        finally:
            metadata = ObjectMeta(name="coredns", namespace="kube-system")
            client.create(ConfigMap(metadata=metadata, data={"Corefile": originals["coredns"]}))
    assert "ConfigMap kube-system/coredns does not exist" in " ".join(printed.split())
    assert "fix: " in printed
    assert "Traceback" not in printed


def test_an_api_server_that_is_not_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    config = yaml.safe_load(site.lab.kubeconfig.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    away = site.lab.directory / "away-kubeconfig"
    away.write_text(yaml.safe_dump(config), encoding="utf-8")
    monkeypatch.setattr(type(site.lab), "kubeconfig", away)
    printed = site.engine.run("preview", fails=True)
    assert "cannot be reached" in printed
    assert "mistake" not in printed
    assert "Traceback" not in printed


def test_all_mistakes_are_told_together(site: Site) -> None:
    site.edit("cluster", {})
    site.edit("dns", {**DNSMASQ, "servers": ["supervisor"], "zone": []})
    printed = refused(site)
    assert "has 3 mistakes" in printed
