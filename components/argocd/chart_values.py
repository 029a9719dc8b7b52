"""The values that Argo CD's chart is installed with. Value names: chart argo-cd 10.1.1, `values.yaml`."""

from __future__ import annotations

from typing import Any

from components.argocd.access import admin_values, rbac_values, sso_values
from components.argocd.integrations import notifications_values, webhook_values
from components.argocd.serving import ingress_values, network_policy_values, service_values
from components.argocd.values import at, merge_all
from components.argocd.workloads import images_values, metrics_values, replicas_values, resources_values
from components.settings import ArgoCDSettings


def chart_values(settings: ArgoCDSettings, stack: str) -> dict[str, Any]:
    """Return the chart's values for `settings`; what is not set is not in them.

    Nothing in them is secret but the admin's bcrypt hash, at `components.argocd.access.ADMIN_HASH`.

    Args:
        settings: the `argocd` section. Its `values` are merged last.
        stack: the Pulumi stack's name, for the hash of the admin's password.
    """
    given = settings
    return merge_all(
        at(("global", "domain"), given.domain),
        at(("configs", "params", "server.insecure"), given.insecure),
        ingress_values(given.ingress) if given.ingress else {},
        service_values(given.service) if given.service else {},
        network_policy_values(given.network_policy) if given.network_policy else {},
        admin_values(given.admin, stack) if given.admin else {},
        sso_values(given.sso) if given.sso else {},
        rbac_values(given.rbac) if given.rbac else {},
        resources_values(given.resources) if given.resources else {},
        metrics_values(given.metrics) if given.metrics else {},
        notifications_values(given.notifications) if given.notifications else {},
        webhook_values() if given.webhook else {},
        replicas_values(high_availability=given.high_availability, controller_shards=given.controller_shards),
        images_values(given.images) if given.images else {},
        at(("configs", "tls", "certificates"), given.certificates),
        at(("configs", "ssh", "extraHosts"), "\n".join(given.ssh_known_hosts)),
        given.values,
    )
