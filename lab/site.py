"""The customer's site as data: its addresses, and where on loopback the lab plays each of them.

The cluster's configuration in the lab holds the site's real addresses, exactly as on the site. Only on
its way to a CoreDNS process is it translated, as a NAT would translate the packets. A lab with a network
of its own uses the site's own addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

# Kubespray's defaults, which the site kept.
SERVICE_NETWORK = "10.233.0.0/18"
POD_NETWORK = "10.233.64.0/18"
COREDNS_SERVICE = "10.233.0.3"
NODE_LOCAL_DNS = "169.254.25.10"

# The machine outside the cluster that runs GitLab, dnsmasq and Consul.
SUPERVISOR = "192.168.1.7"

DNS_PORT = 53
CONSUL_PORT = 8600


@dataclass(frozen=True)
class Place:
    """One DNS server of the site."""

    name: str
    address: str
    """Its address on the site."""
    port: int
    loopback: str
    """The address on which the lab plays it, on a free port, where it shares this machine's network."""
    what: str
    container: str = ""
    """The name of its container, of one that is a pod."""


COREDNS = Place("coredns", COREDNS_SERVICE, DNS_PORT, "127.233.0.3", "the cluster's CoreDNS", "coredns")
NODELOCALDNS = Place(
    "nodelocaldns", NODE_LOCAL_DNS, DNS_PORT, "127.0.25.10", "the node-local DNS cache", "node-cache"
)
DNSMASQ = Place("dnsmasq", SUPERVISOR, DNS_PORT, "127.168.1.7", "dnsmasq on the supervisor")
CONSUL = Place("consul", SUPERVISOR, CONSUL_PORT, "127.168.1.7", "Consul on the supervisor")
# 192.0.2.53 is from a documentation network: what the node's /etc/resolv.conf names is never shown.
INTERNET = Place("internet", "192.0.2.53", DNS_PORT, "127.192.2.53", "the resolver in /etc/resolv.conf")

PODS = (COREDNS, NODELOCALDNS)
"""The two that are pods of the cluster, each configured by the ConfigMap of its name."""
PLACES = (*PODS, DNSMASQ, CONSUL, INTERNET)

# A node-local pod that forgets `bind` listens on every address of the node. In the lab that is an
# address of its own, which nobody asks: a block without `bind` does not answer for 169.254.25.10.
OTHER_ADDRESSES_OF_THE_NODE = "127.0.25.11"

# Where a packet to an unknown address goes: port 1, on which nothing listens.
NOWHERE_ADDRESS, NOWHERE_PORT = "127.99.99.99", 1
