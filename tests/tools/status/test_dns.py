"""The rows of the DNS layers, on a scripted API."""

from __future__ import annotations

from typing import Any

import pytest

from components.dns import layer as layers
from components.dns.change import NAMESPACE, Layer, Remembered, Wanted
from components.dns.zones import ForwardedZone
from tests.api_server import ApiServer
from tests.dns.planning import COREDNS
from tests.dns.proof.dns_pod import REFUSED, RELOADED, WORDS, loads, logged, pod
from tests.site import USES, settings
from tools.command_line import Mark, Row
from tools.status.site import dns_rows

FORWARD = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]}
OLD = pod("coredns-1", age=40_000_000)
"""A pod that was there before the Corefile was written: only its log tells what it has loaded."""
HOSTS = {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}}}


def rows(*state: dict[str, Any], **dns: Any) -> list[Row]:
    found = settings(cluster={"context": "test"}, dns={**FORWARD, **dns})
    return dns_rows(found, "prod", USES, state)


def deploy(api: ApiServer) -> None:
    """Bring CoreDNS's Corefile to what the stack declares."""
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    layer = Layer("test", NAMESPACE, "coredns", "prod")
    change = layers.preview(layer, Wanted([ForwardedZone("protobox", ("192.168.1.7",))]), Remembered())
    assert change
    api.config_maps["coredns"] = dict(change.after)


def test_a_layer_as_declared_tells_its_zones_and_who_has_loaded_them(api: ApiServer) -> None:
    deploy(api)
    api.pods, api.logs = [OLD, pod("coredns-2")], {"coredns-1": logged(*RELOADED)}
    coredns, node_local = rows()
    assert coredns == Row(Mark.OK, "kube-system/coredns", "Corefile: protobox:53; loaded by 2 of 2 pods")
    assert node_local == Row(Mark.OK, "kube-system/nodelocaldns", "this cluster has no such layer")


def test_a_pod_that_has_run_the_text_since_before_it_was_written_has_loaded_it(api: ApiServer) -> None:
    deploy(api)
    api.pods, api.logs = [OLD], {"coredns-1": []}
    assert rows()[0].seen.endswith("loaded by 0 of 1 pods; coredns-1: its log says nothing of it")
    api.earlier = {"coredns-1": logged(*loads(api.config_maps["coredns"]["Corefile"]))}
    assert rows()[0].seen == "Corefile: protobox:53; loaded by 1 of 1 pods"


def test_a_layer_that_lacks_its_zone_has_drifted(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    row = rows()[0]
    assert row.mark is Mark.FAILED
    assert row.seen.startswith("not as declared, which is Corefile: protobox:53; now: ")
    assert "make preview" in row.fix


def test_names_from_hosts_entries_are_told_as_zones_are(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    found = settings(cluster={"context": "test"}, dns={**HOSTS, "strategy": "hosts"})
    row = dns_rows(found, "prod", USES, ())[0]
    assert row.mark is Mark.FAILED
    assert row.seen.startswith("not as declared, which is Corefile: git.protobox:53")
    unread = settings(cluster={"context": "test"}, dns={"strategy": "hosts", "hosts": {"file": "nowhere"}})
    (row,) = dns_rows(unread, "prod", USES, ())
    assert (row.mark, row.what) == (Mark.FAILED, "hosts")
    assert "'nowhere' cannot be read" in row.seen


def test_a_zone_that_somebody_else_serves_alike_is_told(api: ApiServer) -> None:
    theirs = "protobox:53 {\n    errors\n    cache 30\n    forward . 192.168.1.7\n}\n"
    api.config_maps["coredns"] = {"Corefile": f"{COREDNS}{theirs}"}
    row = rows()[0]
    assert row.mark is Mark.OK
    assert "protobox:53 is somebody else's, who serves it in the same way" in row.seen


def test_a_refusal_is_told_in_coredns_words(api: ApiServer) -> None:
    deploy(api)
    api.pods, api.logs = [OLD], {"coredns-1": logged(*REFUSED)}
    row = rows()[0]
    assert row.mark is Mark.FAILED
    assert f"coredns-1 refuses what stands there: {WORDS}" in row.seen


def test_a_pod_that_says_nothing_is_named_and_nothing_is_wrong(api: ApiServer) -> None:
    deploy(api)
    api.pods, api.logs = [OLD], {"coredns-1": []}
    row = rows()[0]
    assert row.mark is Mark.OK
    assert "loaded by 0 of 1 pods; coredns-1: its log says nothing of it" in row.seen


def test_without_the_right_to_read_logs_what_is_loaded_is_not_known(api: ApiServer) -> None:
    deploy(api)
    api.pods, api.forbidden = [OLD], "/log"
    row = rows()[0]
    assert row.mark is Mark.OK
    assert "what is loaded is not known: scripted, for /log" in row.seen


def test_another_cluster_behind_the_context_is_told(api: ApiServer) -> None:
    deploy(api)
    props = {"name": "coredns", "cluster": "another"}
    row = rows({"type": "pulumi-python:dynamic/coredns:CorefileZones", "outputs": props})[0]
    assert row.mark is Mark.FAILED
    assert "is another cluster" in row.seen


def test_a_layer_that_must_be_there_and_is_not(api: ApiServer) -> None:
    deploy(api)
    assert rows(nodelocaldns="require")[1].mark is Mark.FAILED
    assert len(rows(nodelocaldns="skip")) == 1


def test_a_corefile_that_may_not_be_read_is_a_row(api: ApiServer) -> None:
    api.forbidden = "configmaps"
    assert "forbids it" in rows()[0].seen


@pytest.mark.parametrize(
    ("aliases", "marks"),
    [
        ([{"ip": "192.168.1.7", "hostnames": ["git.protobox"]}], [Mark.OK]),
        ([], [Mark.OK, Mark.FAILED]),
    ],
)
def test_hosts_entries_are_those_of_the_pod_that_dials_git(
    api: ApiServer, aliases: list[Any], marks: list[Mark], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = {"spec": {"template": {"spec": {"hostAliases": aliases}}}}
    monkeypatch.setattr(api, "answer", lambda *_request: (200, deployment))
    found = settings(cluster={"context": "test"}, dns=HOSTS)
    seen = dns_rows(found, "prod", USES, [])
    assert [row.mark for row in seen] == marks
    if not aliases:
        assert "git.protobox" in seen[1].seen


def test_names_that_the_clusters_dns_answers_itself_are_compared_too(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    found = settings(cluster={"context": "test"}, dns={**HOSTS, "strategy": "hosts"})
    row = dns_rows(found, "prod", USES, [])[0]
    assert row.mark is Mark.FAILED
    assert row.seen.startswith("not as declared, which is Corefile: git.protobox:53; now: ")


def test_the_strategy_none_edits_nothing() -> None:
    (row,) = dns_rows(settings(dns={"strategy": "none"}), "prod", USES, [])
    assert row.mark is Mark.OK
