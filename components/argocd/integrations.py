"""The chart's values for what Argo CD exchanges with others. Value names: chart argo-cd 10.1.1."""

from __future__ import annotations

from typing import Any

from components.argocd.secrets import GITLAB_WEBHOOK_SECRET, NOTIFICATIONS_SECRET, reference
from components.argocd.values import at, merge_all
from components.settings.argocd_integrations import NotificationsSettings


def notifications_values(notifications: NotificationsSettings) -> dict[str, Any]:
    """Return the values for notifications; their secrets are in a Secret of our own."""
    secret = {"create": False, "name": NOTIFICATIONS_SECRET} if notifications.secrets else {}
    own = {
        "enabled": notifications.enabled,
        "notifiers": notifications.notifiers,
        "templates": notifications.templates,
        "triggers": notifications.triggers,
        "secret": secret,
    }
    return merge_all(*(at(("notifications", key), value) for key, value in own.items()))


def webhook_values() -> dict[str, Any]:
    """Return the values that point Argo CD to GitLab's webhook token in our Secret."""
    return at(("configs", "secret", "gitlabSecret"), reference(GITLAB_WEBHOOK_SECRET))
