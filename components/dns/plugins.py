"""Which plugins of CoreDNS answer questions, by kind. After the READMEs of coredns 1.15.0."""

from __future__ import annotations

# fmt: off
PASSIVE = frozenset([
    "any", "autopath", "bind", "bufsize", "cache", "cancel", "chaos", "debug", "dnstap",
    "errors", "geoip", "grpc_server", "header", "health", "https", "https3", "log", "loop",
    "loadbalance", "metadata", "minimal", "multisocket", "nsid", "on", "pprof", "prometheus", "proxyproto",
    "quic", "ready", "reload", "root", "shed", "timeouts", "tls", "trace", "transfer", "tsig",
])
"""Plugins that answer no question about a name by themselves. (`any` answers type ANY, `chaos` class CH.)"""
RULES = frozenset(["acl", "alternate", "dns64", "dnssec", "firewall", "ratelimit", "rrl", "sign", "siit"])
"""Plugins whose rules hold for the block that they stand in."""
DATABASES = frozenset([
    "azure", "clouddns", "dynupdate", "etcd", "k8s_external", "k8s_gateway", "kubenodes", "lighthouse",
    "multicluster", "nomad", "records", "route53", "secondary",
])
"""Plugins that answer for the zones among their arguments, or for those of their server block."""
FORWARDERS = frozenset(["forward", "proxy", "grpc", "fanout"])
"""Plugins that send what is below their first argument to a server."""
CLUSTER = "kubernetes"
