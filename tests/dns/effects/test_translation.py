"""What is loaded in place of a text, and what is asked about it."""

from __future__ import annotations

from itertools import islice

from components.dns.corefile import CorefileError, parse
from components.dns.zones import ForwardedZone
from tests.dns.effects.case import Case
from tests.dns.effects.network import INTERFACE_ADDRESSES, SERVICE
from tests.dns.effects.oracle import plainest
from tests.dns.effects.questions import questions, root_listeners
from tests.dns.effects.random_cases import endless
from tests.dns.effects.shrinking import shrunk
from tests.dns.effects.translation import translated

KUBEADM = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa { # of the cluster
       fallthrough in-addr.arpa ip6.arpa
    }
    log
    hosts {
        10.0.0.9 registry.protobox
        fallthrough
    }
    etcd corp {
        path /skydns
        fallthrough
    }
    forward . /etc/resolv.conf
    reload
}
"""
ZONES = (ForwardedZone("protobox", ("192.168.1.7",)),)


def case(text: str) -> Case:
    return Case(text, ZONES)


def test_a_translation_keeps_blocks_zones_and_the_order_of_what_answers() -> None:
    (block,) = parse(translated(KUBEADM)).server_blocks
    names = [line.name for line in block.directives]
    assert names == ["errors", "kubernetes", "hosts", "template", "template", "forward"]
    (kubernetes,) = block.named("kubernetes")
    assert kubernetes.args == ("cluster.local", "in-addr.arpa", "ip6.arpa")
    assert ("endpoint", "http://127.0.0.1:7080") in kubernetes.body


def test_a_file_of_directives_is_translated_too() -> None:
    assert translated("log\nkubernetes corp\nready", directives=True).split() == [
        *("kubernetes", "corp", "{", "endpoint", "http://127.0.0.1:7080", "}"),
    ]


def test_every_random_case_is_translated_into_the_same_server_blocks() -> None:
    for one in islice(endless(4), 300):
        try:
            before = parse(one.corefile)
        except CorefileError:
            continue
        after = parse(translated(one.corefile))
        assert [block.zone_keys for block in after.server_blocks] == [
            b.zone_keys for b in before.server_blocks
        ]
        assert [block.bind for block in after.server_blocks] == [b.bind for b in before.server_blocks]


def test_the_same_seed_gives_the_same_cases() -> None:
    assert list(islice(endless(9), 50)) == list(islice(endless(9), 50))


def test_names_in_the_text_are_asked_and_the_clusters_own() -> None:
    asked = {(question.name, question.rdtype) for question in questions(case(KUBEADM))}
    assert asked >= {
        ("git.protobox", "A"),
        ("registry.protobox", "A"),
        ("git.corp", "A"),
        ("9.0.0.10.in-addr.arpa", "PTR"),
        ("argocd-repo-server.argocd.svc.cluster.local", "A"),
        ("example.com", "A"),
    }


def test_every_address_and_port_of_a_corefile_is_asked() -> None:
    text = ".:53 .:5353 {\n    bind eth0 10.0.0.53 {\n        except 172.18.0.5\n    }\n}\ncorp:54 {\n}\n"
    first, _ = INTERFACE_ADDRESSES
    roots = {(first, 53), ("10.0.0.53", 53), (first, 5353), ("10.0.0.53", 5353)}
    assert root_listeners(case(text)) == roots
    assert {(one.server, one.port) for one in questions(case(text))} == {*roots, (SERVICE, 54)}


def test_the_plainest_edit_listens_where_the_blocks_for_the_root_do() -> None:
    text = plainest(case(".:5353 {\n    bind 10.0.0.53\n}\n"))
    block = parse(text).server_blocks[-1]
    assert (block.keys, block.bind) == (("protobox:5353",), ("10.0.0.53",))
    apart = ".:53 {\n    bind 10.0.0.53\n}\n.:5353 {\n    bind 10.0.0.54\n}\n"
    assert plainest(case(apart)) == ""


def test_a_case_is_made_as_small_as_what_it_shows() -> None:
    small = shrunk(case(KUBEADM), lambda one: "registry.protobox" in one.corefile)
    assert small.corefile.split() == [".:53", "{", "hosts", "{", "10.0.0.9", "registry.protobox", "}", "}"]
