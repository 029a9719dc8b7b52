"""The Secrets that keep what must not stand in Helm values in clear. Argo CD finds them by their label."""

from __future__ import annotations

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
    return [_manifest(name, settings.namespace, entries) for name, entries in data.items() if entries]


def _manifest(name: str, namespace: str, data: dict[str, str]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/managed-by": "protobox-cd"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "type": "Opaque",
        "stringData": data,
    }
