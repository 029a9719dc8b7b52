"""The site's network as one DNS pod sees it, and where on loopback the lab plays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import site
from lab.endpoints import Endpoint, Endpoints

PAGES = ("health", "ready", "prometheus")
"""The plugins that serve something over HTTP, each on a port of its own."""
CONSUL_SERVER, CONSUL_GOSSIP = "consul-server", "consul-gossip"
"""The endpoints at which Consul talks to other Consuls, of which there are none here."""
EndpointTable = Endpoints | Mapping[str, Endpoint]

# The node-local cache is a CoreDNS with few plugins (kubernetes/dns 1.21, cmd/node-cache/main.go). Left
# out here and below: those that talk to machines which the lab does not play.
_NODE_CACHE_PLUGINS = frozenset(
    {"bind", "cache", "debug", "errors", "forward", "health", "hosts", "loadbalance", "log", "loop"}
    | {"prometheus", "reload", "rewrite", "template", "whoami"}
)
_COREDNS_PLUGINS = _NODE_CACHE_PLUGINS | {
    *("acl", "any", "autopath", "bufsize", "cancel", "chaos", "dns64", "header", "kubernetes", "local"),
    *("metadata", "minimal", "nsid", "ready"),
}


NOWHERE = Endpoint(site.NOWHERE_ADDRESS, site.NOWHERE_PORT)


@dataclass(frozen=True)
class Network:
    """What the translation of one pod's Corefile needs to know."""

    listen: Endpoint
    """Where the pod is asked, in place of its address on the site with port 53."""
    binds: Mapping[str, str]
    """The addresses that the pod can listen on, with their loopback addresses."""
    wildcard: str
    """The loopback address that plays "all addresses", for a server block without `bind`."""
    routes: Mapping[Endpoint, Endpoint]
    """The DNS servers that can be reached."""
    resolv_conf: Endpoint
    """The resolver that the pod's /etc/resolv.conf names."""
    pages: Mapping[str, Endpoint]
    """Where `health`, `ready` and `prometheus` are served."""
    plugins: frozenset[str]
    """What is compiled into the pod's CoreDNS."""
    kubeconfig: Path
    """How to reach the API server, which the pod itself finds through its service account."""


def dns_addresses() -> dict[str, str]:
    """Return the names of the endpoints that DNS needs, each with its loopback address."""
    places = {place.name: place.loopback for place in site.PLACES}
    pages = {_page(pod, page): pod.loopback for pod in site.PODS for page in PAGES}
    return places | pages | dict.fromkeys((CONSUL_SERVER, CONSUL_GOSSIP), site.CONSUL.loopback)


def own_endpoints() -> dict[str, Endpoint]:
    """Return the site's DNS servers with the addresses and ports that they have on the site."""
    return {place.name: Endpoint(place.address, place.port) for place in site.PLACES}


def network_of(pod: site.Place, endpoints: EndpointTable, kubeconfig: Path) -> Network:
    """Return the network as `pod` sees it."""
    listen = endpoints[pod.name]
    on_the_node = pod is site.NODELOCALDNS
    binds = {pod.address: listen.address} if on_the_node else {}
    wildcard = site.OTHER_ADDRESSES_OF_THE_NODE if on_the_node else listen.address
    return Network(
        listen=listen,
        binds=binds | {"0.0.0.0": wildcard, "::": wildcard},  # noqa: S104 - the lab never listens there
        wildcard=wildcard,
        routes={Endpoint(one.address, one.port): endpoints[one.name] for one in site.PLACES},
        resolv_conf=endpoints[site.INTERNET.name],
        pages={page: endpoints[_page(pod, page)] for page in PAGES},
        plugins=_NODE_CACHE_PLUGINS if on_the_node else _COREDNS_PLUGINS,
        kubeconfig=kubeconfig,
    )


def _page(pod: site.Place, page: str) -> str:
    return f"{pod.name}-{page}"
