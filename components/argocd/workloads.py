"""The chart's values for how Argo CD's pods run. Value names: chart argo-cd 10.1.1, `values.yaml`."""

from __future__ import annotations

from typing import Any

from components.argocd.values import at, merge_all
from components.argocd.workload_options import ImagesSettings, MetricsSettings, ResourcesSettings

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

_HIGH_AVAILABILITY: dict[str, Any] = {
    "redis-ha": {"enabled": True},
    "controller": {"replicas": 1},
    "server": {"replicas": 2},
    "repoServer": {"replicas": 2},
    "applicationSet": {"replicas": 2},
}
"""The chart's README, "High Availability"."""


def resources_values(resources: ResourcesSettings) -> dict[str, Any]:
    """Return the values for CPU and memory of each component that is named."""
    named = resources.model_dump(by_alias=True, exclude_defaults=True)
    return merge_all(*(at((component, "resources"), value) for component, value in named.items()))


def metrics_values(metrics: MetricsSettings) -> dict[str, Any]:
    """Return the values for the metrics of all components, and for the exporter that Redis needs."""
    values = {
        "enabled": metrics.enabled,
        **({"serviceMonitor": {"enabled": True}} if metrics.service_monitor else {}),
    }
    exporter = {"exporter": {"enabled": metrics.enabled}}
    return merge_all(
        {name: {"metrics": values} for name in _COMPONENTS}, {"redis": exporter, "redis-ha": exporter}
    )


def images_values(images: ImagesSettings) -> dict[str, Any]:
    """Return the values for where images come from and who may pull them."""
    mirrored = (
        {value: f"{images.registry}/{path}" for value, path in _IMAGES.items()} if images.registry else {}
    )
    pull_secrets = [{"name": name} for name in images.pull_secrets]
    # The redis-ha subchart does not look at global.imagePullSecrets (dandydeveloper/charts, redis-ha).
    holders = (("global",), ("redis-ha",), ("redis-ha", "haproxy"))
    return merge_all(
        *(at(value, image) for value, image in mirrored.items()),
        at(("global", "image", "repository"), images.repository),
        at(("global", "image", "tag"), images.tag),
        *(at((*holder, "imagePullSecrets"), pull_secrets) for holder in holders),
    )


def replicas_values(*, high_availability: bool, controller_shards: int | None) -> dict[str, Any]:
    """Return the values for how many pods there are; each application controller is one shard."""
    return merge_all(
        _HIGH_AVAILABILITY if high_availability else {}, at(("controller", "replicas"), controller_shards)
    )
