"""The Secrets that keep what must not stand in Helm values in clear, and how Argo CD is pointed to them.

Argo CD reads `$<Secret>:<key>` in `oidc.config` and `dex.config`, and in the webhook keys of
`argocd-secret`, if the Secret has the label `app.kubernetes.io/part-of: argocd` (Argo CD v3.4.4,
`docs/operator-manual/user-management/index.md` and `webhook.md`, "Alternative").
"""

from __future__ import annotations

from typing import Any

from components.argocd.section import ArgoCDSettings

SECRET = "argocd-protobox-cd"  # noqa: S105 - a name
NOTIFICATIONS_SECRET = "argocd-protobox-cd-notifications"  # noqa: S105 - a name
"""Not the chart's own `argocd-notifications-secret`: Helm deletes that one when it is told to make none,
and would then delete ours."""

GITLAB_CLIENT_SECRET = "dex.gitlab.clientSecret"  # noqa: S105 - a key
GITLAB_ROOT_CA = "dex.gitlab.rootCA"
OIDC_CLIENT_SECRET = "oidc.clientSecret"  # noqa: S105 - a key
GITLAB_WEBHOOK_SECRET = "webhook.gitlab.secret"  # noqa: S105 - a key


def reference(key: str) -> str:
    """Return how Argo CD's configuration names `key` of our Secret."""
    return f"${SECRET}:{key}"


def secret_manifests(settings: ArgoCDSettings) -> list[dict[str, Any]]:
    """Return the Secrets that `settings` need, as manifests whose `stringData` is in clear.

    None of them is there without need: the result is empty for settings without secrets.
    """
    of_notifications = {
        key: value.get_secret_value() for key, value in settings.secrets_of_notifications.items()
    }
    data = {SECRET: _own_data(settings), NOTIFICATIONS_SECRET: of_notifications}
    return [_manifest(name, settings.namespace, entries) for name, entries in data.items() if entries]


def _own_data(settings: ArgoCDSettings) -> dict[str, str]:
    data: dict[str, str] = {}
    sso = settings.sso
    if sso and sso.gitlab:
        data[GITLAB_CLIENT_SECRET] = sso.gitlab.client_secret.get_secret_value()
        if sso.gitlab.root_ca:
            data[GITLAB_ROOT_CA] = sso.gitlab.root_ca
    if sso and sso.oidc:
        data[OIDC_CLIENT_SECRET] = sso.oidc.client_secret.get_secret_value()
    if settings.webhook:
        data[GITLAB_WEBHOOK_SECRET] = settings.webhook.gitlab_secret.get_secret_value()
    return data


def _manifest(name: str, namespace: str, data: dict[str, str]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/managed-by": "protobox-cd"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "type": "Opaque",
        "stringData": data,
    }
