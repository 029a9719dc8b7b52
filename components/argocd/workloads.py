"""How Argo CD's pods run: resources, metrics, images, replicas. Value names: chart argo-cd 10.1.1."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from components.argocd.values import Topic, at, in_chart_words, merge_all
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.forms import Form
from components.stackfile.problems import Problem, near

_COMPONENTS = ("controller", "server", "repoServer", "applicationSet", "notifications", "redis", "dex")

_IMAGES = {
    ("global", "image", "repository"): "argoproj/argocd",
    ("dex", "image", "repository"): "dexidp/dex",
    ("redis", "image", "repository"): "docker/library/redis",
    ("redis", "exporter", "image", "repository"): "oliver006/redis_exporter",
    ("redis-ha", "image", "repository"): "docker/library/redis",
    ("redis-ha", "exporter", "image"): "oliver006/redis_exporter",
    ("redis-ha", "haproxy", "image", "repository"): "docker/library/haproxy",
}
"""Each image's value, and the path that the image has in the chart's default registry."""

HIGH_AVAILABILITY: dict[str, Any] = {
    "redis-ha": {"enabled": True},
    "controller": {"replicas": 1},
    "server": {"replicas": 2},
    "repoServer": {"replicas": 2},
    "applicationSet": {"replicas": 2},
}
"""The chart's README, "High Availability"."""

_REFUSED = "the API server would refuse the workload in the middle of the upgrade"
_UNITS = {
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate(["", "k", "M", "G", "T", "P", "E"])},
    **{unit: Decimal(1024) ** power for power, unit in enumerate(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])},
}
_QUANTITY = Form(
    r"[0-9]+(\.[0-9]+)?(m|k|Ki|Mi?|Gi?|Ti?|Pi?|Ei?)?",
    "{} is not an amount that Kubernetes knows",
    _REFUSED,
    "write CPU as 500m or 2, and memory as 512Mi or 2Gi",
)
_REGISTRY = Form(
    r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "{} is not the start of an image name",
    "the nodes could not pull any image",
    "write the registry's host, and the path in it if there is one, without scheme and final slash, "
    "for example registry.protobox/mirror",
)


def _amount(quantity: str) -> Decimal:
    unit = quantity.lstrip("0123456789.")
    return Decimal(quantity.removesuffix(unit)) * _UNITS[unit]


def _number_as_text(value: Any) -> Any:
    """Read `cpu: 2` as `cpu: "2"`, as Kubernetes does."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format(Decimal(str(value)), "f")
    return value


Registry = Annotated[str, _REGISTRY]
Quantity = Annotated[
    str,
    BeforeValidator(_number_as_text),
    AfterValidator(_QUANTITY.require),
    WithJsonSchema({"type": ["string", "number"], "minimum": 0, **_QUANTITY.json_schema}),
]


_RESOURCE = Form(
    "cpu|memory|ephemeral-storage|hugepages-.+|[^/]+/[^/]+",
    "{} is nothing that Kubernetes counts",
    _REFUSED,
    lambda name: f"write {near(name, ('cpu', 'memory')) or 'memory'}",
)
Resource = Annotated[str, _RESOURCE]


class ComponentResources(Section):
    """What the pods of one component need and may use, per pod."""

    requests: dict[Resource, Quantity] = Field(
        default_factory=dict, examples=[{"cpu": "100m", "memory": "256Mi"}]
    )
    """What a node must have free for the pod; nothing by default."""
    limits: dict[Resource, Quantity] = Field(default_factory=dict, examples=[{"memory": "1Gi"}])
    """What the pod may use at most; no limit by default."""

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        problems = [
            Problem(
                ("requests", name),
                f"the request {asked} is more than the limit {self.limits[name]}",
                _REFUSED,
                f"write {self.limits[name]}, or a higher limit",
            )
            for name, asked in self.requests.items()
            if name in self.limits and _amount(asked) > _amount(self.limits[name])
        ]
        if problems:
            raise mistakes(problems)
        return self


class ResourcesSettings(Topic):
    """CPU and memory for each component; without request and limit where it is not named."""

    controller: ComponentResources | None = Field(default=None, examples=[{"requests": {"memory": "1Gi"}}])
    """The application controller, which compares Git with the clusters."""
    server: ComponentResources | None = Field(default=None, examples=[{"requests": {"memory": "128Mi"}}])
    """argocd-server: the web page and the API."""
    repo_server: ComponentResources | None = Field(default=None, examples=[{"requests": {"memory": "512Mi"}}])
    """The repo-server, which clones from Git and renders manifests."""
    application_set: ComponentResources | None = Field(
        default=None, examples=[{"requests": {"memory": "128Mi"}}]
    )
    """The ApplicationSet controller."""
    notifications: ComponentResources | None = Field(
        default=None, examples=[{"requests": {"memory": "64Mi"}}]
    )
    """The notifications controller."""
    redis: ComponentResources | None = Field(default=None, examples=[{"requests": {"memory": "128Mi"}}])
    """The single Redis. That of `highAvailability` has keys of its own: values.redis-ha.redis.resources."""
    dex: ComponentResources | None = Field(default=None, examples=[{"requests": {"memory": "64Mi"}}])
    """Dex, which asks GitLab who somebody is."""

    def chart_values(self) -> dict[str, Any]:
        """Return the values for each component that is named."""
        named = in_chart_words(self)
        return merge_all(*(at((component, "resources"), value) for component, value in named.items()))


class MetricsSettings(Topic):
    """Prometheus metrics of all components. Its presence switches them on."""

    enabled: bool = True
    """Write `false` to switch them off and keep the section."""
    service_monitor: bool = False
    """Create ServiceMonitors too, for a cluster with the Prometheus Operator; off by default."""
    dns_rule: bool = False
    """Create a PrometheusRule too that fires when a name server of a forwarded zone fails (`dns`: dnsmasq or
    consul), for a Prometheus that reads CoreDNS's metrics; off by default."""

    @model_validator(mode="after")
    def _monitors_need_metrics(self) -> Self:
        for key, is_on in (("serviceMonitor", self.service_monitor), ("dnsRule", self.dns_rule)):
            if is_on and not self.enabled:
                raise mistake(
                    f"{key} is on, but enabled is false",
                    "the chart makes neither monitors nor rules without metrics",
                    f"write enabled: true, or take {key} out",
                )
        return self

    def chart_values(self) -> dict[str, Any]:
        """Return the values for all components, and for the exporter that Redis needs."""
        metrics = {"enabled": self.enabled, **at(("serviceMonitor", "enabled"), self.service_monitor or None)}
        exporter = {"exporter": {"enabled": self.enabled}}
        return merge_all(
            {name: {"metrics": metrics} for name in _COMPONENTS}, {"redis": exporter, "redis-ha": exporter}
        )


class ImagesSettings(Topic):
    """Where the nodes pull Argo CD's images from."""

    registry: Registry | None = Field(default=None, examples=["registry.protobox/mirror"])
    """A mirror for all images, in which they keep their path: quay.io/argoproj/argocd becomes
    registry.protobox/mirror/argoproj/argocd. By default the images come from the internet. The nodes
    resolve this host themselves: no setting of `dns` helps them, but `nodes.registries` does."""
    repository: str | None = Field(
        default=None, min_length=1, examples=["registry.protobox/tools/argocd-with-plugins"]
    )
    """Argo CD's own image, without tag, where it has another name than in `registry`."""
    tag: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", examples=["v3.4.4"])
    """The tag of Argo CD's own image; that of the chart by default."""
    pull_secrets: list[str] = Field(default_factory=list, examples=[["registry-credentials"]])
    """Names of Secrets in Argo CD's namespace that the nodes log in to the registry with; none by default."""

    def chart_values(self) -> dict[str, Any]:
        """Return the values for where images come from, and for who may pull them."""
        mirrored = _IMAGES.items() if self.registry else ()
        pull_secrets = [{"name": name} for name in self.pull_secrets]
        # The redis-ha subchart does not look at global.imagePullSecrets (dandydeveloper/charts, redis-ha).
        holders = (("global",), ("redis-ha",), ("redis-ha", "haproxy"))
        return merge_all(
            *(at(value, f"{self.registry}/{path}") for value, path in mirrored),
            at(("global", "image", "repository"), self.repository),
            at(("global", "image", "tag"), self.tag),
            *(at((*holder, "imagePullSecrets"), pull_secrets) for holder in holders),
        )
