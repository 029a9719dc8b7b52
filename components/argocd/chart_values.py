"""The values that Argo CD's chart is installed with. Value names: chart argo-cd 10.1.1, `values.yaml`."""

from __future__ import annotations

from typing import Any

from components.argocd.section import ArgoCDSettings
from components.argocd.values import Topic, at, merge_all
from components.argocd.workloads import replicas_values


def chart_values(settings: ArgoCDSettings, stack: str) -> dict[str, Any]:
    """Return the chart's values for `settings`; what is not set is not in them.

    Nothing in them is secret but the admin's bcrypt hash, at `components.argocd.admin.ADMIN_HASH`.

    Args:
        settings: the `argocd` section. Its `values` are merged last.
        stack: the Pulumi stack's name, for the hash of the admin's password.
    """
    return merge_all(
        at(("global", "domain"), settings.domain),
        at(("configs", "params", "server.insecure"), settings.insecure),
        settings.gateway.chart_values(settings.domain) if settings.gateway else {},
        settings.admin.chart_values(stack) if settings.admin else {},
        replicas_values(
            high_availability=settings.high_availability, controller_shards=settings.controller_shards
        ),
        at(("configs", "tls", "certificates"), settings.certificates),
        at(("configs", "ssh", "extraHosts"), "\n".join(settings.ssh_known_hosts)),
        *(topic.chart_values() for _, topic in settings if isinstance(topic, Topic)),
        settings.values,
    )
