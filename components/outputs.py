"""The stack's outputs: what the next tool, or a person, wants to know after an `up`."""

from __future__ import annotations

import pulumi

from components.argocd.component import ArgoCD
from components.argocd.login import admin_password
from components.dns.deployment import Deployment
from components.dns.proof.question import Question
from components.projects.component import Applications
from components.settings import Settings


def export_outputs(
    settings: Settings, dns: Deployment, argocd: ArgoCD, projects: Applications, asked: Question | None
) -> None:
    """Export what the next tool wants to know.

    These are `applications`, `argocd`, `dns` and `verification` (what `components.dns.proof` reads, "" for a
    stack that wants no proof). What Kubespray is to render, `make kubespray` prints.
    """
    namespace = settings.argocd.namespace
    pulumi.export("applications", projects.summary)
    pulumi.export(
        "argocd",
        {
            "namespace": namespace,
            "chart": argocd.chart,
            "adminPassword": admin_password(settings.argocd, settings.cluster.context),
            "afterDestroy": "Argo CD's CRDs stay (crds.keep), since every Application would go "
            "with them; `kubectl delete crd -l app.kubernetes.io/part-of=argocd` deletes them",
        },
    )
    pulumi.export("dns", dns.summary())
    pulumi.export("verification", asked.to_json() if asked else "")
