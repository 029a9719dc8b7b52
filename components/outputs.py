"""The stack's outputs: what the next tool, or a person, wants to know after an `up`."""

from __future__ import annotations

import pulumi

from components.argocd.component import ArgoCD
from components.dns.proof.question import Question
from components.dns.strategy import Strategy
from components.projects.component import Applications
from components.settings import Settings


def export_outputs(
    settings: Settings, dns: Strategy, argocd: ArgoCD, projects: Applications, asked: Question | None
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
            "adminPassword": _admin_password(settings),
            "afterDestroy": "Argo CD's CRDs stay (crds.keep), since every Application would go "
            "with them; `kubectl delete crd -l app.kubernetes.io/part-of=argocd` deletes them",
        },
    )
    pulumi.export("dns", dns.summary())
    pulumi.export("verification", asked.to_json() if asked else "")


def _admin_password(settings: Settings) -> str:
    """Return how to learn the password of `admin`."""
    admin = settings.argocd.admin
    if admin and admin.enabled is False:
        return "nobody logs in as admin: argocd.admin.enabled is false"
    if admin and (admin.password or admin.password_hash):
        return "the one in the stack file: argocd.admin"
    return (
        f"kubectl --context {settings.cluster.context} -n {settings.argocd.namespace} get secret "
        "argocd-initial-admin-secret -o go-template='{{.data.password|base64decode}}'"
    )
