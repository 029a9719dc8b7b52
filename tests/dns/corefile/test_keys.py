"""Server-block keys, normalised as CoreDNS's `SplitHostPort` and `Normalize` do it."""

from __future__ import annotations

import pytest

from components.dns.corefile import ZoneKey, zone_keys


@pytest.mark.parametrize("key", ["consul", "CONSUL.", "dns://consul:53", "consul:053", "Consul.:53"])
def test_one_zone_has_many_spellings(key: str) -> None:
    assert zone_keys(key) == (ZoneKey("consul.", 53, "dns"),)


@pytest.mark.parametrize(
    ("key", "zone", "port", "transport"),
    [
        (".", ".", 53, "dns"),
        (".:53", ".", 53, "dns"),
        ("tls://example.org", "example.org.", 853, "tls"),
        ("grpc://example.org", "example.org.", 443, "grpc"),
        ("https://example.org:8443", "example.org.", 8443, "https"),
        ("10.0.0.0/24", "0.0.10.in-addr.arpa.", 53, "dns"),
        ("10.0.0.0/8:1053", "10.in-addr.arpa.", 1053, "dns"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/255.0.0.0.", 53, "dns"),
        ("fe80::1%eth0/64", "fe80::1%eth0/64.", 53, "dns"),
        ("2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa.", 53, "dns"),
        ("__PILLAR__DNS__DOMAIN__:53", "__pillar__dns__domain__.", 53, "dns"),
    ],
)
def test_a_key_means_a_zone_a_port_and_a_transport(key: str, zone: str, port: int, transport: str) -> None:
    assert zone_keys(key) == (ZoneKey(zone, port, transport),)


def test_a_network_off_the_octet_is_several_reverse_zones() -> None:
    assert [str(key) for key in zone_keys("10.1.0.0/23")] == [
        "0.1.10.in-addr.arpa:53",
        "1.1.10.in-addr.arpa:53",
    ]


@pytest.mark.parametrize(
    "key",
    [
        *("a..b", ".a", "dns://", "consul:", "a" * 64, "é" * 32 + "a", "é", "é.", r"a\.b"),
        # Every listener needs a zone, and a port that exists.
        *(":53", "dns://:53", ".:65536", ".:-1"),
        # A name has 255 bytes with its last dot.
        *("x" * 256, "a." * 127 + "aa", "é.a." * 60),
        # CoreDNS takes no IPv6 network that begins with a zero.
        *("::/0", "::1/128", "0::/8"),
    ],
)
def test_a_key_that_coredns_would_refuse_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="server-block key"):
        zone_keys(key)
