"""Which ConfigMap is behind a path in CoreDNS's pods."""

from __future__ import annotations

from typing import Any

import pytest

from components.dns.mounts import Mount, Mounts, mounts


def pod(volumes: list[dict[str, Any]], *mounted: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"volumes": volumes, "containers": [{"name": "coredns", "volumeMounts": [*mounted]}]}}


def config(name: str, config_map: str, **items: str) -> dict[str, Any]:
    listed = {"items": [{"key": key, "path": path} for key, path in items.items()]} if items else {}
    return {"name": name, "configMap": {"name": config_map, **listed}}


def at(name: str, path: str, below: str = "") -> dict[str, Any]:
    return {"name": name, "mountPath": path} | ({"subPath": below} if below else {})


COREFILE = config("config", "coredns", Corefile="Corefile")
CUSTOM = config("custom", "coredns-custom")


def test_a_pod_that_reads_the_corefile_tells_what_else_it_has() -> None:
    found = mounts(
        [pod([COREFILE, CUSTOM], at("config", "/etc/coredns"), at("custom", "/etc/coredns/custom/"))],
        "coredns",
        "Corefile",
    )
    assert found == Mounts(
        "/etc/coredns/Corefile",
        (
            Mount("coredns", "/etc/coredns", {"Corefile": "Corefile"}),
            Mount("coredns-custom", "/etc/coredns/custom"),
        ),
    )
    assert found.folder == "/etc/coredns"


def test_each_key_of_a_config_map_has_its_own_pods() -> None:
    second = config("config", "nodelocaldns", **{"Corefile-second": "Corefile"})
    first = config("config", "nodelocaldns", Corefile="Corefile")
    pods = [pod([second], at("config", "/second")), pod([first], at("config", "/etc/coredns"))]
    assert mounts(pods, "nodelocaldns", "Corefile") == Mounts(
        "/etc/coredns/Corefile", (Mount("nodelocaldns", "/etc/coredns", {"Corefile": "Corefile"}),)
    )
    found = mounts(pods, "nodelocaldns", "Corefile-second")
    assert found is not None
    assert found.corefile == "/second/Corefile"


def test_the_newest_pod_tells_and_one_that_was_evicted_does_not() -> None:
    pods = [
        pod([COREFILE, CUSTOM], at("config", "/old"), at("custom", "/old/custom"))
        | {"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}},
        pod([COREFILE], at("config", "/new")) | {"metadata": {"creationTimestamp": "2026-01-02T00:00:00Z"}},
        pod([COREFILE], at("config", "/evicted"))
        | {"metadata": {"creationTimestamp": "2026-01-03T00:00:00Z"}, "status": {"phase": "Failed"}},
    ]
    for listed in (pods, pods[::-1]):
        found = mounts(listed, "coredns", "Corefile")
        assert found is not None
        assert found.folder == "/new"


@pytest.mark.parametrize("key", ["hostNetwork", "hostAliases"])
def test_a_pod_with_a_hosts_file_of_its_node_or_with_entries_of_its_own_hides_it(key: str) -> None:
    one = pod([COREFILE], at("config", "/etc/coredns"))
    plain = mounts([one], "coredns", "Corefile")
    one["spec"][key] = [{"ip": "10.0.0.9"}]
    found = mounts([one], "coredns", "Corefile")
    assert plain is not None
    assert found is not None
    assert (plain.hidden, found.hidden) == ((), ("/etc/hosts",))


@pytest.mark.parametrize("pods", [[], [pod([CUSTOM], at("custom", "/custom"))], [{}]])
def test_where_no_pod_reads_the_corefile_nothing_is_known(pods: list[dict[str, Any]]) -> None:
    assert mounts(pods, "coredns", "Corefile") is None


def test_volumes_that_are_no_config_map_are_hidden() -> None:
    node = {"name": "zones", "hostPath": {"path": "/zones"}}
    found = mounts(
        [pod([COREFILE, node], at("config", "/etc/coredns"), at("zones", "/zones"))], "coredns", "Corefile"
    )
    assert found is not None
    assert found.hidden == ("/zones",)


def test_the_certificate_that_every_pod_has_is_not_read() -> None:
    token = {"name": "token", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}
    folder = "/var/run/secrets/kubernetes.io/serviceaccount"
    found = mounts([pod([COREFILE, token], at("config", "/x"), at("token", folder))], "coredns", "Corefile")
    assert found == Mounts("/x/Corefile", (Mount("coredns", "/x", {"Corefile": "Corefile"}),), (folder,))


def test_one_key_may_be_mounted_as_a_file_and_several_config_maps_as_one_folder() -> None:
    projected = {
        "name": "all",
        "projected": {
            "sources": [
                {"configMap": {"name": "a"}},
                {"secret": {"name": "s"}},
                {"configMap": {"name": "b", "items": [{"key": "k", "path": "x/y"}]}},
            ]
        },
    }
    found = mounts(
        [
            pod(
                [config("config", "coredns"), projected],
                at("config", "/Corefile", "Corefile"),
                at("all", "/all"),
            )
        ],
        "coredns",
        "Corefile",
    )
    assert found is not None
    assert found.corefile == "/Corefile"
    file, first, second = found.mounts
    assert (file.file_of("Corefile"), file.file_of("other")) == ("/Corefile", "")
    assert (
        first.config_map,
        first.file_of("z"),
        second.config_map,
        second.file_of("k"),
        second.file_of("z"),
    ) == ("a", "/all/z", "b", "/all/x/y", "")
