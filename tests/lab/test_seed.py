from __future__ import annotations

import json

import pytest

from components.dns.corefile import parse
from lab import seed, site

MANIFESTS = {(one["kind"], one["metadata"]["name"]): one for one in seed.manifests()}


def test_the_seed_is_coredns_and_the_node_local_cache() -> None:
    assert set(MANIFESTS) == {
        ("ConfigMap", "coredns"),
        ("Service", "coredns"),
        ("ServiceAccount", "coredns"),
        ("Deployment", "coredns"),
        ("ConfigMap", "nodelocaldns"),
        ("ServiceAccount", "nodelocaldns"),
        ("DaemonSet", "nodelocaldns"),
    }


@pytest.mark.parametrize(("pod", "kind"), [(site.COREDNS, "Deployment"), (site.NODELOCALDNS, "DaemonSet")])
def test_the_pods_mount_their_corefile_and_have_the_containers_of_which_the_lab_keeps_logs(
    pod: site.Place, kind: str
) -> None:
    spec = MANIFESTS[kind, pod.name]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["name"] == pod.container
    items = [{"key": "Corefile", "path": "Corefile"}]
    assert spec["volumes"][0]["configMap"] == {"name": pod.name, "items": items}
    assert container["volumeMounts"][0]["name"] == spec["volumes"][0]["name"]


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
