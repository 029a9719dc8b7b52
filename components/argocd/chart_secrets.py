"""The Secrets that keep what must not stand in Helm values in clear. Argo CD finds them by their label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.argocd.integrations import NOTIFICATIONS_SECRET
from components.argocd.section import ArgoCDSettings
from components.argocd.values import SECRET, Topic, merge_all


def secret_manifests(settings: ArgoCDSettings) -> list[dict[str, Any]]:
    """Return the Secrets that `settings` need, as manifests whose `stringData` is in clear.

    None of them is there without need: the result is empty for settings without secrets.
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
