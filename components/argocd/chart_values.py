"""What Argo CD's chart is installed with: values, and Secrets for what must not be in them.

Value names: chart argo-cd 10.1.1, `values.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.argocd.integrations import NOTIFICATIONS_SECRET
from components.argocd.section import ArgoCDSettings
from components.argocd.values import SECRET, Topic, at, merge_all
from components.argocd.workloads import HIGH_AVAILABILITY


def chart_values(settings: ArgoCDSettings, stack: str) -> dict[str, Any]:
    """Return the chart's values for `settings`, its own `values` last; what is not set is not in them.

    Nothing in them is secret but the admin's bcrypt hash, at `components.argocd.admin.ADMIN_HASH`, which is
    made with the stack's name.
    """
    return merge_all(
        at(("global", "domain"), settings.domain),
        at(("configs", "params", "server.insecure"), settings.insecure),
        settings.gateway.chart_values(settings.domain) if settings.gateway else {},
        settings.admin.chart_values(stack) if settings.admin else {},
        HIGH_AVAILABILITY if settings.high_availability else {},
        at(("controller", "replicas"), settings.controller_shards),  # each controller is one shard
        at(("configs", "tls", "certificates"), settings.certificates),
        at(("configs", "ssh", "extraHosts"), "\n".join(settings.ssh_known_hosts)),
        *(topic.chart_values() for _, topic in settings if isinstance(topic, Topic)),
        settings.values,
    )


def secret_manifests(settings: ArgoCDSettings) -> list[dict[str, Any]]:
    """Return the Secrets that `settings` need, as manifests whose `stringData` is in clear.

    Argo CD finds them by their label. None of them is there without need: the result is empty for settings
    without secrets.
    """
    topics = merge_all(*(topic.secret_data() for _, topic in settings if isinstance(topic, Topic)))
    secrets = settings.notifications.secrets if settings.notifications else {}
    of_notifications = {key: value.get_secret_value() for key, value in secrets.items()}
    data = {SECRET: topics, NOTIFICATIONS_SECRET: of_notifications}
    labels = {"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/managed-by": "protobox-cd"}
    return [
        opaque_secret(name, settings.namespace, labels, entries) for name, entries in data.items() if entries
    ]


def opaque_secret(
    name: str, namespace: str, labels: Mapping[str, str], data: Mapping[str, str]
) -> dict[str, Any]:
    """Return a Secret as a manifest whose `stringData` is in clear."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "type": "Opaque",
        "stringData": dict(data),
    }
