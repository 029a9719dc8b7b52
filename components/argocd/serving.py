"""The chart's values for how people reach Argo CD. Value names: chart argo-cd 10.1.1, `values.yaml`."""

from __future__ import annotations

from typing import Any

from components.argocd.values import at, merge_all
from components.settings.argocd_serving import IngressSettings, NetworkPolicySettings, ServiceSettings


def ingress_values(ingress: IngressSettings) -> dict[str, Any]:
    """Return the values for an Ingress; without a host name of its own the chart takes `global.domain`."""
    own = {
        "enabled": True,
        "ingressClassName": ingress.class_name,
        "hostname": ingress.hostname,
        "tls": ingress.tls,
        "annotations": ingress.annotations,
    }
    return merge_all(*(at(("server", "ingress", key), value) for key, value in own.items()))


def service_values(service: ServiceSettings) -> dict[str, Any]:
    """Return the values for the Service of argocd-server."""
    own = {
        "type": service.type,
        "nodePortHttp": service.node_port_http,
        "nodePortHttps": service.node_port_https,
    }
    return merge_all(*(at(("server", "service", key), value) for key, value in own.items()))


def network_policy_values(policy: NetworkPolicySettings) -> dict[str, Any]:
    """Return the values for NetworkPolicies of all components."""
    own = {"create": policy.create, "defaultDenyIngress": policy.default_deny_ingress}
    return merge_all(*(at(("global", "networkPolicy", key), value) for key, value in own.items()))
