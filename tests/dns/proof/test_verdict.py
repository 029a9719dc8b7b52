"""Which layer is to blame, and what the operator is told to do."""

from __future__ import annotations

import pytest

from components.dns.proof.observing import NO_ANSWER, NOBODY_LISTENS, Answer, Observation
from components.dns.proof.pod import Result
from components.dns.proof.question import Host
from components.dns.proof.verdict import Verdict, judge, judge_cluster, judge_http, needs_credentials

URL = "http://git.protobox/gitlab/protobox1/docserver.git"
FORWARDED = Host("git.protobox", servers=("192.168.1.7:53",), repository=URL)
CONSUL = Host("git.protobox", servers=("192.168.1.7:8600",), asked_as="git.service.consul")
ENTRY = Host("git.protobox", addresses=("192.168.1.7",))
KNOWN = Answer("NOERROR", ("192.168.1.7",))
LOCAL, COREDNS = "node-local cache 169.254.25.10", "CoreDNS 10.233.0.3"


def verdict(host: Host, seen: Observation) -> Verdict:
    found = judge(host, seen)
    assert found
    return found


def test_a_name_that_resolves_in_the_pod_by_a_server_that_knows_it_is_fine() -> None:
    seen = Observation(("192.168.1.7",), layers={LOCAL: KNOWN}, servers={"192.168.1.7:53": KNOWN})
    assert judge(FORWARDED, seen) is None


@pytest.mark.parametrize(
    ("said", "what", "fix"),
    [
        (NO_ANSWER, "192.168.1.7:53 does not answer", "does a firewall let the cluster's nodes in"),
        (NOBODY_LISTENS, "192.168.1.7:53 has nobody who listens", "Consul: 8600"),
        (
            "NXDOMAIN",
            "192.168.1.7:53 says that git.protobox does not exist",
            "a line in its machine's hosts file",
        ),
        ("REFUSED", "192.168.1.7:53 refuses to answer", "protobox-cd:dns.rewrite"),
        ("SERVFAIL", "192.168.1.7:53 says SERVFAIL", "make the name known there"),
        ("NOERROR", "192.168.1.7:53 has no IPv4 address for git.protobox", "make the name known there"),
    ],
)
def test_a_server_that_does_not_know_the_name_is_the_forwarder_layer(said: str, what: str, fix: str) -> None:
    seen = Observation((), layers={LOCAL: Answer("SERVFAIL")}, servers={"192.168.1.7:53": Answer(said)})
    found = verdict(FORWARDED, seen)
    assert found.layer == "forwarder"
    assert what in found.what
    assert fix in found.fix


def test_what_the_old_corefile_still_answers_does_not_hide_a_broken_forwarder() -> None:
    seen = Observation(("192.168.1.7",), layers={LOCAL: KNOWN}, servers={"192.168.1.7:53": Answer(NO_ANSWER)})
    assert verdict(FORWARDED, seen).layer == "forwarder"


def test_one_of_two_servers_is_enough() -> None:
    both = {"192.168.1.7:53": Answer(NO_ANSWER), "192.168.1.8:53": KNOWN}
    assert judge(FORWARDED, Observation(("192.168.1.7",), servers=both)) is None


def test_consul_is_judged_by_the_name_that_it_knows() -> None:
    seen = Observation((), servers={"192.168.1.7:8600": Answer("NXDOMAIN")})
    assert "says that git.service.consul does not exist" in verdict(CONSUL, seen).what


@pytest.mark.parametrize(
    ("layers", "layer", "config_map"),
    [
        ({LOCAL: Answer("NXDOMAIN"), COREDNS: KNOWN}, "node-local cache", "kube-system/nodelocaldns"),
        ({COREDNS: Answer("NXDOMAIN")}, "CoreDNS", "kube-system/coredns"),
        ({LOCAL: Answer(NO_ANSWER)}, "node-local cache", "k8s-app=nodelocaldns"),
        ({COREDNS: Answer(NO_ANSWER)}, "CoreDNS", "k8s-app=kube-dns"),
        ({LOCAL: Answer("SERVFAIL")}, "node-local cache", "firewall between the nodes"),
        ({LOCAL: KNOWN, COREDNS: KNOWN}, "pod", "/etc/nsswitch.conf"),
    ],
)
def test_with_a_server_that_knows_the_name_the_first_layer_without_it_is_named(
    layers: dict[str, Answer], layer: str, config_map: str
) -> None:
    found = verdict(FORWARDED, Observation((), layers=layers, servers={"192.168.1.7:53": KNOWN}))
    assert found.layer == layer
    assert config_map in found.fix


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ({LOCAL: Answer("NXDOMAIN"), COREDNS: KNOWN}, "does not exist (NXDOMAIN), though the stack file has"),
        (
            {LOCAL: Answer("NOERROR", ("10.0.0.9",))},
            "has 10.0.0.9 for git.protobox, though the stack file has",
        ),
    ],
)
def test_what_the_clusters_dns_has_itself_counts_only_with_the_entrys_address(
    layers: dict[str, Answer], words: str
) -> None:
    host = Host("git.protobox", answers=("192.168.1.7",))
    assert judge(host, Observation(("192.168.1.7",), layers={LOCAL: KNOWN, COREDNS: KNOWN})) is None
    found = verdict(host, Observation(("10.0.0.9",), layers=layers))
    assert found.layer == "node-local cache"
    assert words in found.what
    assert verdict(host, Observation(("10.0.0.9",), layers={LOCAL: KNOWN})).layer == "pod"


def test_of_an_entry_with_ipv6_alone_the_pods_resolver_tells() -> None:
    host = Host("git.protobox", answers=("fd00::7",))
    assert judge(host, Observation(("fd00::7",), layers={LOCAL: Answer("NOERROR")})) is None


def test_the_clusters_own_name_that_every_server_knows_is_the_pods_own_matter() -> None:
    assert judge_cluster("kubernetes.default.svc.k8s", Observation(("10.233.0.1",))) is None
    found = judge_cluster("kubernetes.default.svc.k8s", Observation((), layers={LOCAL: KNOWN}))
    assert found
    assert found.layer == "pod"


def test_an_entry_counts_when_the_pods_own_hosts_file_has_it() -> None:
    assert judge(ENTRY, Observation(("192.168.1.7",), ("192.168.1.7",))) is None
    by_dns_only = verdict(ENTRY, Observation(("192.168.1.7",), ()))
    assert by_dns_only.layer == "hosts file"
    assert "no entry 192.168.1.7 git.protobox" in by_dns_only.what
    another = verdict(ENTRY, Observation(("10.0.0.9",), ("10.0.0.9",)))
    assert "no entry 192.168.1.7 git.protobox, but 10.0.0.9" in another.what
    unread = verdict(ENTRY, Observation((), ("192.168.1.7",)))
    assert "nsswitch" in unread.fix


@pytest.mark.parametrize(
    ("code", "said", "what"),
    [
        (128, "fatal: unable to update url base from redirection:\n  asked for: x", "redirects"),
        (
            128,
            "fatal: repository 'http://git.protobox/protobox1/docserver.git/' not found",
            "no repository at",
        ),
        (128, "fatal: unable to access '…': The requested URL returned error: 404", "no repository at"),
        (124, "", "does not answer"),
        (128, "fatal: unable to access '…': Failed to connect: Connection timed out", "does not answer"),
        (128, "first\nfatal: something else", "Git cannot read http://git.protobox"),
        (127, "", "code 127"),
    ],
)
def test_a_repository_that_git_cannot_read_is_the_http_layer(code: int, said: str, what: str) -> None:
    found = judge_http(FORWARDED, Result(code, "", said))
    assert found
    assert found.layer == "HTTP"
    assert what in found.what


@pytest.mark.parametrize(
    "said",
    [
        "fatal: Authentication failed for 'http://git.protobox/'",
        "fatal: could not read Username for 'http://git.protobox': terminal prompts disabled",
        "The requested URL returned error: 403",
    ],
)
def test_a_private_repository_proves_as_much_as_a_public_one(said: str) -> None:
    refused = Result(128, "", said)
    assert needs_credentials(refused)
    assert judge_http(FORWARDED, refused) is None


def test_every_message_has_layer_what_and_fix() -> None:
    text = str(verdict(FORWARDED, Observation((), servers={"192.168.1.7:53": Answer(NO_ANSWER)})))
    assert text.startswith("forwarder: 192.168.1.7:53 does not answer\n    fix: ")
