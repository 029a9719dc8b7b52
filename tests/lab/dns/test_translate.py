from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.corefile import parse
from lab import seed, site
from lab.dns.network import Network, dns_addresses, network_of
from lab.dns.translate import refused, translate
from lab.endpoints import Endpoint

ENDPOINTS = {
    name: Endpoint(address, 20000 + number) for number, (name, address) in enumerate(dns_addresses().items())
}
COREDNS = network_of(site.COREDNS, ENDPOINTS, Path("/lab/kubeconfig"))
NODE_LOCAL = network_of(site.NODELOCALDNS, ENDPOINTS, Path("/lab/kubeconfig"))
SEEDS = {one["metadata"]["name"]: one["data"]["Corefile"] for one in seed.manifests() if "data" in one}


def server(place: site.Place) -> str:
    return str(ENDPOINTS[place.name])


def translated(line: str, network: Network = COREDNS) -> str:
    """Return the translation of one plugin's line, without the block around it."""
    text = translate(f"p:53 {{\nbind 0.0.0.0\n{line}\n}}\n", network)
    return text.removeprefix(f"p:{network.listen.port} {{\nbind {network.wildcard}\n").removesuffix("\n}\n")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("protobox", "protobox:20000"),
        ("protobox:53", "protobox:20000"),
        ("PROTOBOX.:53", "PROTOBOX.:20000"),
        ("dns://protobox", "protobox:20000"),
        (".", ".:20000"),
        (".:53", ".:20000"),
        (":53", ":20000"),
        ("10.0.0.0/8", "10.0.0.0/8:20000"),
        ("a:53, b", "a:20000, b:20000"),
        ("a,\nb:53", "a:20000,\nb:20000"),
        ("protobox:5353", "protobox:5353"),
        ("protobox:853", "protobox:40853"),
    ],
)
def test_a_key_on_port_53_moves_to_the_port_on_which_the_layer_is_asked(key: str, expected: str) -> None:
    assert translate(f"{key} {{\nbind 0.0.0.0\n}}\n", COREDNS).startswith(f"{expected} {{")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("192.168.1.7", server(site.DNSMASQ)),
        ("192.168.1.7:53", server(site.DNSMASQ)),
        ("dns://192.168.1.7", server(site.DNSMASQ)),
        ("192.168.1.7:8600", server(site.CONSUL)),
        ("10.233.0.3", server(site.COREDNS)),
        ("169.254.25.10", server(site.NODELOCALDNS)),
        ("/etc/resolv.conf", server(site.INTERNET)),
        ('"192.168.1.7"', server(site.DNSMASQ)),
        ("192.168.1.7:5353", "127.99.99.99:1"),
        ("8.8.8.8", "127.99.99.99:1"),
        ("127.0.0.1", "127.99.99.99:1"),
        ("fd00::7", "127.99.99.99:1"),
        ("[fd00::7]:53", "127.99.99.99:1"),
        ("tls://192.168.1.7", "127.99.99.99:1"),
    ],
)
def test_a_server_is_reached_where_the_lab_plays_it_and_an_unknown_one_nowhere(
    target: str, expected: str
) -> None:
    assert translated(f"forward . {target}") == f"forward . {expected}"


def test_each_of_several_servers_is_translated_and_the_options_stay() -> None:
    line = "forward . 192.168.1.7 8.8.8.8 {\n    policy sequential # 8.8.8.8\n}"
    assert translated(line) == (
        f"forward . {server(site.DNSMASQ)} 127.99.99.99:1 {{\n    policy sequential # 8.8.8.8\n}}"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hosts {\n192.168.1.7 git.protobox\n}", "hosts /dev/null {\n192.168.1.7 git.protobox\n}"),
        ('template IN A {\nanswer "{{.Name}} 60 IN A 192.168.1.7"\n}', None),
        ("rewrite name git.protobox git.service.consul", None),
        ("cache 30 # for 192.168.1.7", None),
    ],
)
def test_an_address_that_is_only_data_stays(line: str, expected: str | None) -> None:
    assert translated(line) == (expected or line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("health", f"health {ENDPOINTS['coredns-health']}"),
        (
            "health :8080 {\nlameduck 5s\n}",
            f"health {ENDPOINTS['coredns-health']} {{\nlameduck 0s\n}}",
        ),
        ("ready", f"ready {ENDPOINTS['coredns-ready']}"),
        ("prometheus :9153", f"prometheus {ENDPOINTS['coredns-prometheus']}"),
        ("prometheus {$MY_HOST_IP}:9253", f"prometheus {ENDPOINTS['coredns-prometheus']}"),
        ("reload", "reload 2s 1s"),
        ("reload 30s", "reload 2s"),
        ("reload 30s 5s", "reload 2s 1s"),
        ("loop", "loop"),
        ("forward", "forward"),
    ],
)
def test_pages_and_waiting_times_become_the_labs(line: str, expected: str) -> None:
    assert translated(line) == expected


def test_kubernetes_gets_the_labs_api_server() -> None:
    assert translated("kubernetes cluster.local # ours") == (
        'kubernetes cluster.local {\n        kubeconfig "/lab/kubeconfig" lab\n    }\n # ours'
    )
    assert translated("kubernetes cluster.local {\n  pods insecure\n}") == (
        'kubernetes cluster.local {\n        kubeconfig "/lab/kubeconfig" lab\n\n  pods insecure\n}'
    )


def test_a_block_without_bind_listens_on_every_address_of_the_pod() -> None:
    assert translate("p {\nerrors\n}\n", COREDNS) == "p:20000 {\n    bind 127.233.0.3\n\nerrors\n}\n"


def test_a_block_without_bind_does_not_answer_for_the_node_local_address() -> None:
    text = translate("p {\nerrors\n}\n", NODE_LOCAL)
    assert f"bind {site.OTHER_ADDRESSES_OF_THE_NODE}" in text
    assert site.NODELOCALDNS.loopback not in text


@pytest.mark.parametrize(
    ("corefile", "reason"),
    [
        ('p {\n  log "never closed\n}\n', "a quote is never closed"),
        ("protobox:53\nforward . 192.168.1.7\n", "no braces"),
        ("p {\nforward . git.example\n}\n", "line 2: not an IP address or file: 'git.example'"),
        ("p {\nforward . {$UPSTREAM}\n}\n", "not an IP address or file"),
        ("p {\nbind 10.0.0.9\n}\n", "line 2: '10.0.0.9' is not an address on which this pod can listen"),
        ("p {\nbind eth0\n}\n", "'eth0' is not an address"),
        ("p {\ngrpc . 192.168.1.7\n}\n", "there is no plugin 'grpc' here"),
        ("p {\nerrors;\n}\n", "there is no plugin 'errors;' here"),
        ("p {\nimport other\n}\n", "there is no plugin 'import' here"),
        ("import /etc/coredns/custom/*.server\np {\n}\n", "'import'"),
        ("(snippet) {\nerrors\n}\n", "does not play '(snippet)'"),
        ("{$ZONE} {\nerrors\n}\n", "does not play '{$ZONE}'"),
        ("tls://p {\nerrors\n}\n", "does not play 'tls://p'"),
        ("p {\nkubernetes {\n  endpoint https://10.0.0.1\n}\n}\n", "one API server"),
    ],
)
def test_what_cannot_be_translated_becomes_a_text_that_coredns_refuses(corefile: str, reason: str) -> None:
    text = translate(corefile, COREDNS)
    assert text == refused(text.splitlines()[0].removeprefix("# Not served: "))
    assert reason in text


def test_a_plugin_that_the_node_local_cache_lacks_is_refused_there_and_not_in_coredns() -> None:
    corefile = "p {\nready\n}\n"
    assert "there is no plugin 'ready' here" in translate(corefile, NODE_LOCAL)
    assert "ready 127.233.0.3" in translate(corefile, COREDNS)


@pytest.mark.parametrize(("name", "network"), [("coredns", COREDNS), ("nodelocaldns", NODE_LOCAL)])
def test_kubesprays_corefile_keeps_its_blocks_and_listens_on_loopback_only(
    name: str, network: Network
) -> None:
    before, after = parse(SEEDS[name]), parse(translate(SEEDS[name], network))
    assert [block.keys for block in after.server_blocks] == [
        tuple(key.replace(":53", f":{network.listen.port}") for key in block.keys)
        for block in before.server_blocks
    ]
    assert {block.bind for block in after.server_blocks} == {(network.listen.address,)}


LOOPBACK = ip_network("127.0.0.0/8")
ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.sampled_from(
        ["192.168.1.7", "10.233.0.3", "169.254.25.10", "0.0.0.0", "::", "/etc/resolv.conf", "eth0"]  # noqa: S104
    ),
)
TARGETS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "dns://", "tls://", '"']),
    ADDRESSES,
    st.sampled_from(["", ":53", ":8600", ":5353", '"', "#x"]),
)
LINES = st.one_of(
    st.lists(TARGETS, min_size=1, max_size=3).map(lambda targets: f"forward . {' '.join(targets)}"),
    st.lists(TARGETS, min_size=1, max_size=3).map(
        lambda targets: f'"forward" . {" ".join(targets)} {{\nforce_tcp\n}}'
    ),
    st.lists(ADDRESSES, min_size=1, max_size=2).map(lambda addresses: f"bind {' '.join(addresses)}"),
    st.sampled_from(["errors", "cache 30 {\n success 10\n}", "}", "# forward . 8.8.8.8", "health"]),
)
BLOCKS = st.builds(
    "{} {{{}{}\n}}\n".format,
    st.sampled_from(["p", "p:53", "a, b", ".:53", "dns://p", "p:853"]),
    st.sampled_from(["\n", "\r\n", " # comment\n"]),
    st.lists(LINES, max_size=5).map("\n".join),
)


@given(st.lists(BLOCKS, max_size=4).map("".join), st.sampled_from([COREDNS, NODE_LOCAL]))
def test_no_address_outside_127_8_is_left_in_any_forward_or_bind(corefile: str, network: Network) -> None:
    for line in translate(corefile, network).replace('"', "").splitlines():
        name, *words = line.partition("#")[0].split() or [""]
        if name in {"forward", "bind"}:
            addresses = [word for word in words if word not in {".", "{"}]
            assert all(ip_address(one.partition(":")[0]) in LOOPBACK for one in addresses), line


@given(st.text(alphabet=' \n\r\t{}"\\#:,./$pforwad127bin', max_size=80))
def test_any_text_at_all_has_a_translation(text: str) -> None:
    assert isinstance(translate(text, NODE_LOCAL), str)
