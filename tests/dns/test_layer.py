"""What a layer reads before it plans, and what it refuses: on a scripted API."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from components.cluster.errors import ClusterError
from components.dns import layer as layers
from components.dns.change import Change, Layer, Remembered, Wanted
from components.dns.zones import ForwardedZone
from tests.api_server import ApiServer
from tests.dns.planning import COREDNS, NODELOCALDNS, PROTOBOX
from tests.dns.test_mounts import at, config, pod

LAYER = Layer("test", "kube-system", "coredns", "dev")
NODE_LOCAL = Layer("test", "kube-system", "nodelocaldns", "dev", ("node-local-dns",))
HOSTS = COREDNS.replace(
    "    cache", "    hosts /etc/coredns/NodeHosts {\n        fallthrough\n    }\n    cache"
)
ENTRIES = "10.0.0.9 registry.protobox\n10.0.0.1 node1\n"
OURS = Remembered({"Corefile": ["a:53"]})
AKS = COREDNS + "import custom/*.server\n"


def preview(*takes_over: str, zone: str = "protobox", layer: Layer = LAYER) -> Change:
    zones = [ForwardedZone(zone, ("192.168.1.7",))]
    elsewhere = [NODE_LOCAL] if layer is LAYER else [LAYER]
    change = layers.preview(layer, Wanted(zones, takes_over, (), elsewhere), Remembered())
    assert change is not None
    return change


def test_names_of_others_stop_the_preview_with_their_places_and_the_line_that_accepts_them(
    api: ApiServer,
) -> None:
    api.config_maps["coredns"] = {"Corefile": HOSTS, "NodeHosts": ENTRIES}
    with pytest.raises(ClusterError, match="would change the answers of others") as caught:
        preview()
    assert "registry.protobox: hosts, /etc/coredns/NodeHosts, line 1" in caught.value.what
    assert 'protobox-cd:dns.takesOver: ["registry.protobox"]' in caught.value.fix
    assert preview("registry.protobox").owned == {"Corefile": ("protobox:53",)}


def test_a_takes_over_of_what_no_layer_takes_is_a_mistake(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    with pytest.raises(
        ClusterError, match=r"takesOver names registry\.protobox, which this stack takes from nobody"
    ):
        preview("registry.protobox")


def test_a_name_that_only_the_node_local_cache_has_may_be_in_takes_over(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    inline = "    hosts {\n        10.0.0.9 registry.protobox\n        fallthrough\n    }\n    errors\n"
    api.config_maps["nodelocaldns"] = {"Corefile": NODELOCALDNS.replace("    errors\n", inline)}
    assert preview("registry.protobox").owned
    assert preview("registry.protobox", layer=NODE_LOCAL).owned


def test_the_clusters_zones_are_read_from_coredns_for_the_node_local_cache_too(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS.replace("    errors", "    kubernetes k8s.site")}
    api.config_maps["nodelocaldns"] = {"Corefile": NODELOCALDNS}
    with pytest.raises(ClusterError, match="away") as caught:
        preview(zone="site", layer=NODE_LOCAL)
    assert "away from the cluster itself" in caught.value.what
    assert caught.value.fix.startswith("name a longer zone")
    with pytest.raises(ClusterError) as caught:
        preview(zone="git.k8s.site", layer=NODE_LOCAL)
    assert caught.value.fix.startswith("take that zone out")


@pytest.mark.parametrize("known", [True, False], ids=["by its pods", "by convention"])
def test_the_zone_goes_into_the_config_map_that_the_pods_import(api: ApiServer, *, known: bool) -> None:
    api.config_maps["coredns"] = {"Corefile": AKS}
    if known:
        volumes = [config("config", "coredns"), config("extra", "site-dns")]
        api.pods = [pod(volumes, at("config", "/etc/coredns"), at("extra", "/etc/coredns/custom"))]
    change = preview()
    assert change.config_map == ("site-dns" if known else "coredns-custom")
    assert change.owned == {"protobox-cd-dev.server": ("protobox:53",)}


@pytest.mark.parametrize(
    ("stubs", "zone", "expected"),
    [
        ('{"corp": ["10.0.0.10"]}', "git.corp", "*.git.corp: forward, /etc/kube-dns/stubDomains, line 3"),
        ('{"corp": ["10.0.0.10"]}', "corp", "it forwards to 10.0.0.10 (/etc/kube-dns/stubDomains, line 3)"),
        ('{"corp": ["10.0.0.10"]}', "protobox", ""),
        ('{"corp": ["192.168.1.7"]}', "corp", ""),
        ("{}", "corp", ""),
        ("no JSON", "corp", ""),
        ("null", "corp", ""),
        ('{"corp": "10.0.0.10"}', "corp", ""),
    ],
)
def test_the_zones_of_kube_dns_that_node_cache_adds_to_its_corefile_are_somebody_elses(
    api: ApiServer, stubs: str, zone: str, expected: str
) -> None:
    api.config_maps |= {"coredns": {"Corefile": COREDNS}, "kube-dns": {"stubDomains": stubs}}
    api.config_maps["node-local-dns"] = {"Corefile": NODELOCALDNS}
    volumes = [config("config", "node-local-dns", Corefile="Corefile.base"), config("kube-dns", "kube-dns")]
    api.pods = [pod(volumes, at("config", "/etc/coredns"), at("kube-dns", "/etc/kube-dns"))]
    if expected:
        with pytest.raises(ClusterError) as caught:
            preview(zone=zone, layer=NODE_LOCAL)
        assert expected in " ".join(str(caught.value).split())
    else:
        change = preview(zone=zone, layer=NODE_LOCAL)
        assert bool(change.data) == ("192" not in stubs)
        assert bool(change.served_by_others) == ("192" in stubs)


def test_a_folder_that_no_pod_has_is_written_into_by_nobody(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": AKS}
    api.pods = [pod([config("config", "coredns")], at("config", "/etc/coredns"))]
    assert preview().config_map == "coredns"


@pytest.mark.parametrize("where", ["coredns-custom", "another"])
def test_a_zone_that_an_imported_file_has_already_is_found(api: ApiServer, where: str) -> None:
    theirs = {"x.server": "protobox {\n    forward . 192.168.1.9\n}\n"}
    folder = "custom" if where == "coredns-custom" else "zones"
    api.config_maps |= {"coredns": {"Corefile": COREDNS + f"import {folder}/*.server\n"}, where: theirs}
    volumes = [config("config", "coredns"), config("extra", where)]
    api.pods = [pod(volumes, at("config", "/etc/coredns"), at("extra", f"/etc/coredns/{folder}"))]
    with pytest.raises(ClusterError, match=r"it forwards to 192\.168\.1\.9"):
        preview()


def test_a_file_with_a_letter_that_is_no_utf_8_is_read_too(api: ApiServer) -> None:
    api.config_maps |= {"coredns": {"Corefile": AKS}, "coredns-custom": {}}
    file = "# Büro\ncorp {\n    forward . 10.0.0.10\n}\n".encode("latin-1")
    api.binary["coredns-custom"] = {"x.server": base64.b64encode(file).decode()}
    with pytest.raises(ClusterError, match=r"\*.git.corp: forward, /etc/coredns/custom/x.server, line 3"):
        preview(zone="git.corp")


def test_a_refusal_names_the_config_map_that_is_there(api: ApiServer) -> None:
    api.config_maps |= {"coredns": {"Corefile": COREDNS}, "node-local-dns": {"Corefile": "a"}}
    for call in (lambda: preview(layer=NODE_LOCAL), lambda: layers.remove(NODE_LOCAL, OURS)):
        with pytest.raises(ClusterError) as caught:
            call()
        assert caught.value.what.startswith("ConfigMap kube-system/node-local-dns, key Corefile")
        assert "edit configmap node-local-dns" in caught.value.fix


def test_an_import_that_nobody_can_read_is_refused(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS + "import zones/*\n"}
    volumes: list[dict[str, Any]] = [
        config("config", "coredns"),
        {"name": "node", "hostPath": {"path": "/x"}},
    ]
    api.pods = [pod(volumes, at("config", "/etc/coredns"), at("node", "/etc/coredns/zones"))]
    with pytest.raises(ClusterError, match="nobody can read from here"):
        preview()


def test_a_block_that_an_older_version_wrote_into_an_importing_corefile_stays_there_until_others_overwrite_it(
    api: ApiServer,
) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    done = layers.apply(LAYER, Wanted([PROTOBOX]), Remembered())
    assert done is not None
    api.config_maps["coredns"]["Corefile"] += "import custom/*.server\n"
    known = Remembered(done.owned, done.written)
    again = layers.preview(LAYER, Wanted([PROTOBOX]), known)
    assert again is not None
    assert (again.config_map, again.data) == ("coredns", {})
    api.config_maps["coredns"]["Corefile"] = AKS
    moved = layers.preview(LAYER, Wanted([PROTOBOX]), known)
    assert moved is not None
    assert moved.config_map == "coredns-custom"


def test_a_service_that_is_an_alias_into_the_zone_is_told(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    api.aliases = {"web/git": "git.protobox.", "web/other": "example.org"}
    assert preview().warnings == (
        "protobox: the Service web/git is an alias of git.protobox., which protobox's servers now answer",
    )
