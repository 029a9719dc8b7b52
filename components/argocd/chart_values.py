"""The values that Argo CD's chart is installed with. Value names: chart argo-cd 10.1.1, `values.yaml`."""

from __future__ import annotations

from typing import Any

from components.argocd.chart_secrets import GITLAB_WEBHOOK_SECRET, NOTIFICATIONS_SECRET, reference
from components.argocd.gateway import gateway_values
from components.argocd.login_values import admin_values, rbac_values, sso_values
from components.argocd.section import ArgoCDSettings
from components.argocd.values import at, in_chart_words, merge_all
from components.argocd.workloads import images_values, metrics_values, replicas_values, resources_values

_NOTIFICATIONS = {"create": False, "name": NOTIFICATIONS_SECRET}


def chart_values(settings: ArgoCDSettings, stack: str) -> dict[str, Any]:
    """Return the chart's values for `settings`; what is not set is not in them.

    Nothing in them is secret but the admin's bcrypt hash, at `components.argocd.login_values.ADMIN_HASH`.

    Args:
        settings: the `argocd` section. Its `values` are merged last.
        stack: the Pulumi stack's name, for the hash of the admin's password.
    """
    given = settings
    return merge_all(
        at(("global", "domain"), given.domain),
        at(("configs", "params", "server.insecure"), given.insecure),
        # Without a host name of its own an Ingress takes `global.domain`.
        at(
            ("server", "ingress"), {"enabled": True, **in_chart_words(given.ingress)} if given.ingress else {}
        ),
        gateway_values(given.gateway, given.domain) if given.gateway else {},
        at(("server", "service"), in_chart_words(given.service)),
        at(("global", "networkPolicy"), in_chart_words(given.network_policy)),
        admin_values(given.admin, stack) if given.admin else {},
        sso_values(given.sso) if given.sso else {},
        rbac_values(given.rbac) if given.rbac else {},
        resources_values(given.resources) if given.resources else {},
        metrics_values(given.metrics) if given.metrics else {},
        at(("notifications",), in_chart_words(given.notifications, "secrets")),
        at(("notifications", "secret"), _NOTIFICATIONS) if given.secrets_of_notifications else {},
        at(("configs", "secret", "gitlabSecret"), reference(GITLAB_WEBHOOK_SECRET) if given.webhook else ""),
        replicas_values(high_availability=given.high_availability, controller_shards=given.controller_shards),
        images_values(given.images) if given.images else {},
        at(("configs", "tls", "certificates"), given.certificates),
        at(("configs", "ssh", "extraHosts"), "\n".join(given.ssh_known_hosts)),
        given.values,
    )
