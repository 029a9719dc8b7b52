"""The stack's outputs: what the next tool, or a person, wants to know after an `up`."""

from __future__ import annotations

import pulumi
import yaml

from components.argocd.component import ArgoCD
from components.dns.check.question import Question
from components.dns.strategy import Strategy, kubespray_group_vars
from components.projects.component import Applications
from components.settings import Settings


def export_outputs(
    settings: Settings, dns: Strategy, argocd: ArgoCD, projects: Applications, asked: Question | None
) -> None:
    """Export what the next tool wants to know.

    These are `applications`, `argocd`, `dns` and, where there are such, `verification` (what
    `components.dns.check` reads) and `kubesprayGroupVars`.
    """
    namespace = settings.argocd.namespace
    pulumi.export("applications", projects.summary)
    pulumi.export(
        "argocd",
        {
            "namespace": namespace,
            "chart": argocd.chart,
            "adminPassword": f"kubectl --context {settings.cluster.context} -n {namespace} get secret "
            "argocd-initial-admin-secret -o go-template='{{.data.password|base64decode}}'",
        },
    )
    pulumi.export("dns", dns.summary())
    if asked:
        pulumi.export("verification", asked.to_json())
    if variables := kubespray_group_vars(dns.zones):
        pulumi.export("kubesprayGroupVars", yaml.safe_dump(variables, sort_keys=False))
