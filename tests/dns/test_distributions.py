"""Clusters whose DNS is somebody else's: nothing is written, and the recipe can be pasted."""

from __future__ import annotations

import json

import pytest
import yaml

from components.cluster.errors import ClusterError
from components.dns import layer as layers
from components.dns.change import Layer, Remembered, Wanted
from components.dns.corefile import parse
from components.dns.distributions import EKS, INSTEAD_OF_COREDNS, Distribution
from components.dns.mounts import CUSTOM_MAP
from components.dns.zones import ForwardedZone, HostsZone, rewrite_words
from tests.api_server import ApiServer
from tests.dns.planning import COREDNS, NODELOCALDNS
from tests.dns.test_custom import K3S, KEY

LAYER = Layer("test", "kube-system", "coredns", "dev")
ZONES = [ForwardedZone("protobox", ("192.168.1.7",))]
WANTED = Wanted(ZONES)


@pytest.mark.parametrize("distribution", INSTEAD_OF_COREDNS, ids=lambda one: one.name)
def test_a_cluster_without_coredns_is_told_the_way_of_its_owner(
    api: ApiServer, distribution: Distribution
) -> None:
    here = distribution.namespace == "kube-system"
    api.config_maps[distribution.config_map if here else f"openshift-dns/{distribution.config_map}"] = {}
    with pytest.raises(ClusterError, match=f"belongs to {distribution.name}") as caught:
        layers.preview(LAYER, WANTED, Remembered())
    assert distribution.recipe(ZONES) in caught.value.fix
    assert "strategy: none" in caught.value.fix
    assert api.writes == []


def test_the_eks_add_on_is_known_by_its_label_and_another_coredns_is_not_taken_for_it(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    api.labels["coredns"] = {"eks.amazonaws.com/component": "coredns", "k8s-app": "kube-dns"}
    with pytest.raises(ClusterError, match="belongs to the EKS add-on"):
        layers.preview(LAYER, WANTED, Remembered())
    api.labels["coredns"] = {"addonmanager.kubernetes.io/mode": "EnsureExists"}
    assert layers.preview(LAYER, WANTED, Remembered()) is not None


def test_the_recipes_are_valid_for_the_tools_they_are_meant_for() -> None:
    openshift, rke2, gke = (distribution.recipe(ZONES) for distribution in INSTEAD_OF_COREDNS)
    assert yaml.safe_load(openshift)["spec"]["servers"][0]["forwardPlugin"] == {"upstreams": ["192.168.1.7"]}
    values = yaml.safe_load(yaml.safe_load(rke2)["spec"]["valuesContent"])
    assert values["servers"][0]["zones"] == [{"zone": "protobox"}]
    assert json.loads(yaml.safe_load(gke)["data"]["stubDomains"]) == {"protobox": ["192.168.1.7"]}
    assert "forward . 192.168.1.7" in yaml.safe_load(EKS.recipe(ZONES))["corefile"]


def test_a_recipe_says_that_what_others_have_there_has_to_stay() -> None:
    openshift, rke2, gke = (distribution.recipe(ZONES) for distribution in INSTEAD_OF_COREDNS)
    # Helm replaces lists whole (rancher/charts#2825), as a merge patch does.
    assert "add to what spec.servers has" in openshift
    assert "write all that is there above it" in rke2
    assert "servers:\n      - zones:" in rke2  # and not as one long line, which nobody can add to
    assert "keep the zones that stubDomains has already" in gke
    assert "the configuration values that" in EKS.recipe(ZONES)


def test_the_recipes_ask_for_the_name_that_the_servers_know() -> None:
    pair = ("git.protobox", "git.service.consul")
    zones = [ForwardedZone("protobox", ("192.168.1.7:8600",), rewrite=(pair,))]
    openshift, rke2, gke = (distribution.recipe(zones) for distribution in INSTEAD_OF_COREDNS)
    assert "strategy: hostAliases" in openshift
    assert openshift == gke
    (server,) = yaml.safe_load(yaml.safe_load(rke2)["spec"]["valuesContent"])["servers"]
    assert [plugin["name"] for plugin in server["plugins"]] == ["errors", "rewrite", "forward"]
    (block,) = parse(yaml.safe_load(EKS.recipe(zones))["corefile"].partition("\n")[2]).server_blocks
    (rule,) = block.named("rewrite")
    assert rule.body == rewrite_words(*pair)
    assert server["plugins"][1]["configBlock"] == "\n".join(map(" ".join, rule.body))


def test_the_recipes_keep_the_policy_where_the_owner_has_one() -> None:
    zones = [ForwardedZone("protobox", ("192.168.1.7", "192.168.1.8"), policy="round_robin")]
    openshift, rke2, _ = (distribution.recipe(zones) for distribution in INSTEAD_OF_COREDNS)
    (server,) = yaml.safe_load(openshift)["spec"]["servers"]
    assert server["forwardPlugin"]["policy"] == "RoundRobin"  # as the type DNSForwardingPolicy has it
    (server,) = yaml.safe_load(yaml.safe_load(rke2)["spec"]["valuesContent"])["servers"]
    assert server["plugins"][-1]["configBlock"] == "policy round_robin"
    (block,) = parse(yaml.safe_load(EKS.recipe(zones))["corefile"].partition("\n")[2]).server_blocks
    assert block.named("forward")[0].body == (("policy", "round_robin"),)


def test_the_recipes_for_names_from_hosts_entries() -> None:
    zones = [HostsZone("git.protobox", ("192.168.1.7",))]
    openshift, rke2, gke = (distribution.recipe(zones) for distribution in INSTEAD_OF_COREDNS)
    assert "strategy: hostAliases" in openshift
    assert openshift == gke
    (server,) = yaml.safe_load(yaml.safe_load(rke2)["spec"]["valuesContent"])["servers"]
    assert server["plugins"][1] == {"name": "hosts", "configBlock": "192.168.1.7 git.protobox\nfallthrough"}
    corefile = yaml.safe_load(EKS.recipe(zones))["corefile"].partition("\n")[2]
    (block,) = parse(corefile).server_blocks
    assert block.named("hosts")[0].body == (("192.168.1.7", "git.protobox"), ("fallthrough",))


@pytest.mark.parametrize("there", [True, False])
def test_k3s_gets_the_zone_in_coredns_custom_and_loses_it_again(api: ApiServer, there: bool) -> None:
    api.config_maps["coredns"] = {"Corefile": K3S}
    if there:
        api.config_maps[CUSTOM_MAP] = {"anna.override": "log"}
    change = layers.apply(LAYER, WANTED, Remembered())
    assert change is not None
    assert change.owned == {KEY: ("protobox:53",)}
    assert api.config_maps["coredns"] == {"Corefile": K3S}
    assert api.config_maps[CUSTOM_MAP][KEY].count("forward . 192.168.1.7") == 1
    again = layers.preview(LAYER, WANTED, Remembered(change.owned))
    assert again is not None
    assert again.data == {}
    layers.remove(LAYER, Remembered(change.owned))
    assert api.config_maps[CUSTOM_MAP] == ({"anna.override": "log"} if there else {})


def test_the_kubernetes_projects_own_node_local_cache_is_found_under_its_name(api: ApiServer) -> None:
    pillars = NODELOCALDNS.replace("169.254.25.10", "__PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__")
    api.config_maps["node-local-dns"] = {"Corefile": pillars}
    layer = Layer("test", "kube-system", "nodelocaldns", "dev", ("node-local-dns",))
    change = layers.apply(layer, WANTED, Remembered())
    assert change is not None
    assert change.config_map == "node-local-dns"
    assert (
        "bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__\n    forward . 192" in change.after["Corefile"]
    )
    layers.remove(layer, Remembered(change.owned))
    assert api.config_maps["node-local-dns"] == {"Corefile": pillars}


@pytest.mark.parametrize("service", ["coredns", "kube-dns"])
def test_the_clusters_own_dns_service_is_refused_as_a_server(api: ApiServer, service: str) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    api.services[service] = "10.233.0.3"
    with pytest.raises(ClusterError, match="the cluster's own DNS Service") as caught:
        layers.preview(LAYER, Wanted([ForwardedZone("protobox", ("10.233.0.3:53",))]), Remembered())
    assert "protobox-cd:dns.servers" in caught.value.fix
