from __future__ import annotations

import json

import pytest

from components.dns.corefile import parse
from lab import seed, site

MANIFESTS = {(one["kind"], one["metadata"]["name"]): one for one in seed.manifests()}


def test_the_seed_is_the_two_configmaps_and_the_service_of_coredns() -> None:
    assert set(MANIFESTS) == {
        ("ConfigMap", "coredns"),
        ("ConfigMap", "nodelocaldns"),
        ("Service", "coredns"),
    }


@pytest.mark.parametrize("name", ["coredns", "nodelocaldns"])
def test_a_configmap_has_kubesprays_label(name: str) -> None:
    labels = MANIFESTS["ConfigMap", name]["metadata"]["labels"]
    assert labels == {"addonmanager.kubernetes.io/mode": "EnsureExists"}


def test_the_node_local_cache_never_asks_coredns_for_a_name_outside_the_cluster() -> None:
    blocks = parse(MANIFESTS["ConfigMap", "nodelocaldns"]["data"]["Corefile"]).server_blocks
    forwards = {block.keys: block.named("forward")[0].args for block in blocks}
    assert forwards.pop((".:53",)) == (".", "/etc/resolv.conf")
    assert set(forwards.values()) == {(".", site.COREDNS_SERVICE)}


def test_the_node_local_cache_binds_its_own_address_everywhere() -> None:
    blocks = parse(MANIFESTS["ConfigMap", "nodelocaldns"]["data"]["Corefile"]).server_blocks
    assert {block.bind for block in blocks} == {(site.NODE_LOCAL_DNS,)}


def test_the_service_has_the_address_that_the_node_local_cache_asks() -> None:
    assert MANIFESTS["Service", "coredns"]["spec"]["clusterIP"] == site.COREDNS_SERVICE


def test_each_object_says_what_kubectl_applied_last() -> None:
    for manifest in MANIFESTS.values():
        annotations = manifest["metadata"]["annotations"]
        applied = json.loads(annotations["kubectl.kubernetes.io/last-applied-configuration"])
        assert applied.get("data") == manifest.get("data")
        assert applied.get("spec") == manifest.get("spec")
