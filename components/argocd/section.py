"""The `argocd` section: Argo CD's options, and values for everything else."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from components.argocd.admin import AdminSettings
from components.argocd.chart import ChartSettings
from components.argocd.integrations import (
    CertificateHost,
    KnownHost,
    NotificationsSettings,
    Pem,
    WebhookSettings,
)
from components.argocd.login import address_problems
from components.argocd.rbac import RbacSettings
from components.argocd.serving import (
    Domain,
    GatewaySettings,
    IngressSettings,
    NetworkPolicySettings,
    ServiceSettings,
)
from components.argocd.sso import SsoSettings
from components.argocd.workloads import ImagesSettings, MetricsSettings, ResourcesSettings
from components.stackfile.base import Section, mistakes
from components.stackfile.object_names import Namespace


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
    def alerts_of_dns(self) -> bool:
        """Whether Prometheus is to tell when a name server of a forwarded zone fails."""
        return bool(self.metrics and self.metrics.dns_rule)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if problem := next(address_problems(self), None):
            raise mistakes([problem])
        return self
