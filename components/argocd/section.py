"""The `argocd` section: Argo CD's options, and values for everything else."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, model_validator

from components.argocd.access_options import AdminSettings, RbacSettings, SsoSettings
from components.argocd.chart import ChartSettings
from components.argocd.checks_of_values import CertificateHost, Domain, Pem, text_at, value_at
from components.argocd.integrations import NotificationsSettings, WebhookSettings
from components.argocd.serving import (
    GatewaySettings,
    IngressSettings,
    NetworkPolicySettings,
    ServiceSettings,
)
from components.argocd.workload_options import ImagesSettings, MetricsSettings, ResourcesSettings
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.labels import Namespace
from components.stackfile.problems import Problem

KnownHost = Annotated[str, Field(pattern=r"^\S+ \S+ [A-Za-z0-9+/=]+[^\n]*$")]


class ArgoCDSettings(Section):
    """How Argo CD is installed.

    What is not set here stays as the chart has it. `values` can say the same things in the chart's own
    words, and then wins.
    """

    namespace: Namespace = Field(default="argocd", examples=["argocd"])
    """The namespace of Argo CD and of all Applications."""
    adopt: bool = False
    """Take over a namespace and a Helm release `argocd` that are there already. `destroy` then leaves both as
    they are, also when `adopt` is no longer said by then."""
    drop: list[str] = Field(default_factory=list, examples=[["server.ingress", "chart.version"]])
    """What the adoption may change or drop of the values that the release has, by their paths, with
    everything below them; `chart.version` lets it change the chart's version. By default it stops."""
    chart: ChartSettings = Field(default_factory=ChartSettings)
    """The Argo CD chart."""
    domain: Domain | None = Field(default=None, examples=["argocd.protobox"])
    """The host name under which people reach Argo CD. Argo CD's own address becomes `https://<domain>`; for
    plain HTTP or another port, set values.configs.cm.url too. The chart's default is an example name."""
    insecure: bool | None = Field(default=None, examples=[True])
    """Whether argocd-server speaks plain HTTP, for an Ingress that ends TLS or for `argocd --plaintext`;
    false by default, as in the chart."""
    ingress: IngressSettings | None = Field(default=None, examples=[{"className": "traefik", "tls": True}])
    """An Ingress for the web page and the API; none by default."""
    gateway: GatewaySettings | None = Field(default=None, examples=[{"parent": "infra/external"}])
    """Routes from a Gateway to the web page and the API, in place of an Ingress or beside it; none by
    default."""
    service: ServiceSettings | None = Field(default=None, examples=[{"type": "NodePort"}])
    """The Service of argocd-server; inside the cluster only by default."""
    network_policy: NetworkPolicySettings | None = Field(default=None, examples=[{"create": False}])
    """NetworkPolicies for incoming traffic; as in the chart by default."""
    admin: AdminSettings | None = Field(default=None, examples=[{"password": "{secure: ...}"}])
    """Argo CD's built-in user; with a password that Argo CD makes by default."""
    sso: SsoSettings | None = Field(
        default=None, examples=[{"gitlab": {"url": "http://git.protobox/gitlab"}}]
    )
    """Single sign-on; none by default."""
    rbac: RbacSettings | None = Field(default=None, examples=[{"defaultPolicy": "role:readonly"}])
    """What people may do; only `admin` may do anything by default."""
    resources: ResourcesSettings | None = Field(
        default=None, examples=[{"repoServer": {"requests": {"memory": "512Mi"}}}]
    )
    """CPU and memory for each component; no requests and no limits by default, as in the chart."""
    metrics: MetricsSettings | None = Field(default=None, examples=[{"serviceMonitor": True}])
    """Prometheus metrics of all components; none by default."""
    notifications: NotificationsSettings | None = Field(
        default=None, examples=[{"notifiers": {"service.slack": "token: $slack-token"}}]
    )
    """Messages about Applications; nothing is sent by default."""
    webhook: WebhookSettings | None = Field(default=None, examples=[{"gitlabSecret": "{secure: ...}"}])
    """Calls from the Git server after each push; taken from everybody by default."""
    high_availability: bool = False
    """Run Redis three times behind a proxy and the servers twice. Off by default, since it needs three
    nodes that take pods: each Redis insists on a node of its own."""
    controller_shards: int | None = Field(default=None, ge=1, examples=[3])
    """How many application controllers share the clusters among them, for a site with many clusters; 1 by
    default."""
    images: ImagesSettings | None = Field(default=None, examples=[{"registry": "registry.protobox/mirror"}])
    """Where the images come from; the internet by default."""
    certificates: dict[CertificateHost, Pem] = Field(
        default_factory=dict, examples=[{"git.protobox": "-----BEGIN CERTIFICATE-----..."}]
    )
    """Certificates of private CAs for repository hosts: the host name, without scheme and port, and the
    certificate in PEM form. The public CAs by default."""
    ssh_known_hosts: list[KnownHost] = Field(
        default_factory=list, examples=[["git.protobox ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..."]]
    )
    """Host keys for repositories over SSH, one line each, as `ssh-keyscan git.protobox` prints them. They
    are added to those of the public Git hosts that the chart has."""
    values: dict[str, Any] = Field(default_factory=dict)
    """Values for the chart, merged last and deeply over what this program sets itself: what stands here
    wins over every other option of this section."""
    timeout_seconds: int = Field(default=300, ge=1, le=3600)
    """How long to wait until Argo CD's workloads are ready, in seconds."""

    @property
    def secrets_of_notifications(self) -> dict[str, SecretStr]:
        """The secrets that the notifiers name."""
        return self.notifications.secrets if self.notifications else {}

    @property
    def alerts_of_dns(self) -> bool:
        """Whether Prometheus is to tell when a name server of a forwarded zone fails."""
        return bool(self.metrics and self.metrics.dns_rule)

    @model_validator(mode="after")
    def _names_that_others_need(self) -> Self:
        domain = self.domain or text_at(self.values, "global", "domain")
        if self.ingress and not (
            domain or self.ingress.hostname or text_at(self.values, "server", "ingress", "hostname")
        ):
            raise mistake(
                "there is an ingress, but no host name for it",
                "the chart would give it the example name argocd.example.com, which nobody calls",
                "add domain: argocd.protobox under protobox-cd:argocd",
            )
        if self.gateway and not (domain or self.gateway.hostname):
            raise mistake(
                "there is a gateway, but no host name for its route",
                "the route would take every name of the Gateway, also those of others",
                "add domain: argocd.protobox under protobox-cd:argocd",
            )
        if self.gateway and self.gateway.grpc_hostname in {domain, self.gateway.hostname} - {None, ""}:
            raise mistakes(
                [
                    Problem(
                        ("gateway", "grpcHostname"),
                        f"{self.gateway.grpc_hostname} is the host name of the web page, too",
                        "a Gateway refuses an HTTPRoute and a GRPCRoute for one name on one listener",
                        "write another name, for example grpc.argocd.protobox, or take it out and use "
                        "`argocd --grpc-web`",
                    )
                ]
            )
        if self.sso and not (domain or text_at(self.values, "configs", "cm", "url")):
            raise mistake(
                "there is sso, but no domain",
                "after the login the browser goes back to Argo CD's address, which would be an example name",
                "add domain: argocd.protobox under protobox-cd:argocd",
            )
        return self

    @model_validator(mode="after")
    def _plain_http_on_both_sides(self) -> Self:
        url = text_at(self.values, "configs", "cm", "url")
        params = value_at(self.values, "configs", "params", "server.insecure")
        insecure = self.insecure if params is None else str(params).lower() == "true"
        if url.startswith("http://") and not insecure:
            raise mistake(
                f"Argo CD's address is {url}, but insecure is not true",
                "argocd-server answers plain HTTP with a redirect to HTTPS, so that this address never works",
                "add insecure: true under protobox-cd:argocd, or write https:// in values.configs.cm.url",
            )
        if self.gateway and bool(insecure) == bool(self.gateway.backend_tls):
            here = "both" if insecure else "neither"
            raise mistake(
                f"a gateway needs either insecure: true or backendTls, and here is {here}",
                "the Gateway and argocd-server would not agree on HTTP or HTTPS, so that every request fails",
                "take gateway.backendTls out"
                if insecure
                else "add insecure: true under protobox-cd:argocd, where the Gateway ends TLS",
            )
        return self
