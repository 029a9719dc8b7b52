"""How people reach Argo CD: Ingress, Gateway, Service, NetworkPolicies. Value names: chart argo-cd 10.1.1."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.argocd.values import Topic, at, in_chart_words
from components.stackfile.base import Section, mistake
from components.stackfile.forms import NAME, Form
from components.stackfile.host_names import HOST_NAME
from components.stackfile.urls import repository_host

_LOWEST_NODE_PORT, _HIGHEST_NODE_PORT = 30000, 32767
"""The API server's default `--service-node-port-range`."""
_HTTP, _HTTPS = 30080, 30443
"""The chart's own node ports."""


def require_domain(domain: str) -> str:
    """Return `domain` in lower case, if it is a host name and nothing more."""
    if "://" in domain:
        host = repository_host(domain) or "argocd.protobox"
        raise mistake(
            f"{domain!r} is a URL",
            "the chart puts https:// in front of it, so that links and logins would lead nowhere",
            f"write the host name alone: {host}; for plain HTTP set insecure: true as well",
        )
    if not HOST_NAME.fits(domain):
        raise mistake(
            f"{domain!r} is not a host name",
            "browsers reach Argo CD under this name, and an Ingress is refused with any other",
            "write the name alone, for example argocd.protobox",
        )
    return domain.lower().removesuffix(".")


Domain = Annotated[str, AfterValidator(require_domain), HOST_NAME]


class IngressSettings(Topic):
    """An Ingress for Argo CD's web page and API. Its presence switches it on."""

    class_name: str | None = Field(
        default=None, min_length=1, serialization_alias="ingressClassName", examples=["traefik"]
    )
    """The IngressClass; the cluster's default one if it is not set."""
    hostname: Domain | None = Field(default=None, examples=["argocd.protobox"])
    """The host name; `domain` by default."""
    tls: bool | None = Field(default=None, examples=[True])
    """Serve HTTPS with the certificate in the Secret `argocd-server-tls`; off by default, as in the chart."""
    annotations: dict[str, str] = Field(
        default_factory=dict,
        examples=[{"traefik.ingress.kubernetes.io/router.entrypoints": "websecure"}],
    )
    """Annotations for the Ingress controller; none by default."""

    def chart_values(self) -> dict[str, Any]:
        """Return the values of the Ingress; without a host name of its own it takes `global.domain`."""
        return at(("server", "ingress"), {"enabled": True, **in_chart_words(self)})


_PARENT = Form(
    f"{NAME}/{NAME}",
    "{} is not the namespace and the name of a Gateway",
    "the route would belong to no Gateway, and nobody would reach Argo CD",
    "write both with a slash between, for example infra/external",
)
_CONFIG_MAP = Form(
    NAME,
    "{} is not the name of a ConfigMap",
    "the Gateway would know no authority for argocd-server's certificate",
    "write its name alone, for example argocd-ca",
)


class BackendTlsSettings(Section):
    """HTTPS between the Gateway and argocd-server, by a BackendTLSPolicy. Not every Gateway supports it."""

    hostname: Domain = Field(examples=["argocd-server.argocd.svc"])
    """The name in argocd-server's certificate."""
    ca: Annotated[str, _CONFIG_MAP] = Field(examples=["argocd-ca"])
    """The ConfigMap in Argo CD's namespace that has, as `ca.crt`, the authority of that certificate."""

    def policy(self) -> dict[str, Any]:
        """Return the chart's BackendTLSPolicy for argocd-server."""
        target = {"group": "", "kind": "Service", "name": "argocd-server", "sectionName": "https"}
        authority = {"group": "", "kind": "ConfigMap", "name": self.ca}
        validation = {"hostname": self.hostname, "caCertificateRefs": [authority]}
        return {"enabled": True, "targetRefs": [target], "validation": validation}


class GatewaySettings(Section):
    """A route from a Gateway (Gateway API) to Argo CD's web page and API. Its presence switches it on."""

    parent: Annotated[str, _PARENT] = Field(examples=["infra/external"])
    """The Gateway, as `namespace/name`. Its listener has to let Argo CD's namespace in."""
    listener: str | None = Field(default=None, min_length=1, examples=["https"])
    """The Gateway's listener; all that fit by default."""
    hostname: Domain | None = Field(default=None, examples=["argocd.protobox"])
    """The host name; `domain` by default."""
    grpc_hostname: Domain | None = Field(default=None, examples=["grpc.argocd.protobox"])
    """A host name for the `argocd` command alone, with a GRPCRoute. Without it: `argocd --grpc-web`. It is
    not that of the web page: a Gateway refuses two kinds of routes for one name."""
    backend_tls: BackendTlsSettings | None = Field(
        default=None, examples=[{"hostname": "argocd-server.argocd.svc", "ca": "argocd-ca"}]
    )
    """HTTPS also behind the Gateway, in place of `insecure: true`; none by default."""

    def chart_values(self, domain: str | None) -> dict[str, Any]:
        """Return the values of the routes; the web page has the host name `domain` by default."""
        namespace, _, name = self.parent.partition("/")
        parent = {"name": name, "namespace": namespace, **at(("sectionName",), self.listener)}
        hostnames = [host] if (host := self.hostname or domain) else []
        server: dict[str, Any] = {
            "httproute": {"enabled": True, "parentRefs": [parent], "hostnames": hostnames}
        }
        if self.grpc_hostname:
            # The chart's own rule, `method: {type: Exact}`, is refused by the CRD, which wants a service or
            # a method with it. An empty match takes every call.
            rules: list[dict[str, Any]] = [{"matches": [{}]}]
            grpc = {"parentRefs": [parent], "hostnames": [self.grpc_hostname], "rules": rules}
            server["grpcroute"] = {"enabled": True, **grpc}
        if self.backend_tls:
            server["backendTLSPolicy"] = self.backend_tls.policy()
        return {"server": server}


class ServiceSettings(Topic):
    """The Service of argocd-server."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] | None = Field(default=None, examples=["NodePort"])
    """The Service's type; ClusterIP by default, as in the chart."""
    node_port_http: int | None = Field(
        default=None, ge=_LOWEST_NODE_PORT, le=_HIGHEST_NODE_PORT, examples=[_HTTP]
    )
    """The port for HTTP on every node, 30000 to 32767; 30080 by default. Kubernetes hands out no others."""
    node_port_https: int | None = Field(
        default=None, ge=_LOWEST_NODE_PORT, le=_HIGHEST_NODE_PORT, examples=[_HTTPS]
    )
    """The port for HTTPS on every node, 30000 to 32767; 30443 by default. Kubernetes hands out no others."""

    @model_validator(mode="after")
    def _node_ports_need_their_type(self) -> Self:
        if (self.node_port_http or self.node_port_https) and self.type != "NodePort":
            raise mistake(
                "a node port is set, but the Service has none",
                "the chart opens node ports for a Service of the type NodePort only",
                "add type: NodePort, or take the node ports out",
            )
        http, https = self.node_port_http or _HTTP, self.node_port_https or _HTTPS
        if http == https:
            unset = "nodePortHttp" if self.node_port_http is None else "nodePortHttps"
            by_default = (
                "" if self.node_port_http and self.node_port_https else f"; {unset} is {http} by default"
            )
            raise mistake(
                f"HTTP and HTTPS are both on node port {http}{by_default}",
                "a node hands out a port once, so that the cluster would refuse the Service",
                f"write {unset}: {_HTTPS + 1 if unset.endswith('s') else _HTTP + 1}",
            )
        return self

    def chart_values(self) -> dict[str, Any]:
        """Return the values of the Service."""
        return at(("server", "service"), in_chart_words(self))


class NetworkPolicySettings(Topic):
    """NetworkPolicies for incoming traffic. Argo CD's outgoing traffic is never limited by the chart."""

    create: bool | None = Field(default=None, examples=[False])
    """Create a NetworkPolicy for each component; the chart's own default is true since 10.0.0. Write false
    with a service mesh that does not let them through."""
    default_deny_ingress: bool | None = Field(default=None, examples=[True])
    """Refuse all other incoming traffic in Argo CD's namespace; false by default, as in the chart."""

    def chart_values(self) -> dict[str, Any]:
        """Return the values of the NetworkPolicies."""
        return at(("global", "networkPolicy"), in_chart_words(self))
