"""The chart's values for routes from a Gateway (Gateway API) to argocd-server."""

from __future__ import annotations

from typing import Any

from components.argocd.serving import GatewaySettings
from components.argocd.values import merge_all

_SERVICE = "argocd-server"


def gateway_values(gateway: GatewaySettings, domain: str | None) -> dict[str, Any]:
    """Return the values for `gateway`; its HTTPRoute has the host name `domain` by default."""
    namespace, _, name = gateway.parent.partition("/")
    parent = {"name": name, "namespace": namespace}
    if gateway.listener:
        parent["sectionName"] = gateway.listener
    hostnames = [host] if (host := gateway.hostname or domain) else []
    server = {"httproute": {"enabled": True, "parentRefs": [parent], "hostnames": hostnames}}
    if gateway.grpc_hostname:
        # The chart's own rule, `method: {type: Exact}`, is refused by the CRD, which wants a service or a
        # method with it. An empty match takes every call.
        rules: list[dict[str, Any]] = [{"matches": [{}]}]
        grpc = {"enabled": True, "parentRefs": [parent], "hostnames": [gateway.grpc_hostname], "rules": rules}
        server["grpcroute"] = grpc
    return merge_all({"server": server}, _backend_tls(gateway))


def _backend_tls(gateway: GatewaySettings) -> dict[str, Any]:
    tls = gateway.backend_tls
    if not tls:
        return {}
    target = {"group": "", "kind": "Service", "name": _SERVICE, "sectionName": "https"}
    authority = {"group": "", "kind": "ConfigMap", "name": tls.ca}
    validation = {"hostname": tls.hostname, "caCertificateRefs": [authority]}
    policy = {"enabled": True, "targetRefs": [target], "validation": validation}
    return {"server": {"backendTLSPolicy": policy}}
