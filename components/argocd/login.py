"""Where people reach Argo CD, and how they log in."""

from __future__ import annotations

from components.argocd.checks_of_values import text_at
from components.argocd.section import ArgoCDSettings


def address(argocd: ArgoCDSettings) -> str:
    """Return the address that the stack file gives Argo CD; "" if it gives it none."""
    if url := text_at(argocd.values, "configs", "cm", "url"):
        return url
    if domain := argocd.domain or text_at(argocd.values, "global", "domain"):
        return f"https://{domain}"
    if argocd.ingress and argocd.ingress.hostname:
        return f"http{'s' * bool(argocd.ingress.tls)}://{argocd.ingress.hostname}"
    return ""


def port_forward(argocd: ArgoCDSettings, context: str) -> tuple[str, str]:
    """Return the address that Argo CD has on this machine after a command, and that command."""
    scheme, port = ("http", 80) if argocd.insecure else ("https", 443)
    place = f"--context {context} -n {argocd.namespace}"
    return f"{scheme}://localhost:8080", f"kubectl {place} port-forward svc/argocd-server 8080:{port}"


def admin_password(argocd: ArgoCDSettings, context: str) -> str:
    """Return how to learn the password of `admin`."""
    admin = argocd.admin
    if admin and admin.enabled is False:
        return "nobody logs in as admin: argocd.admin.enabled is false"
    if admin and (admin.password or admin.password_hash):
        return "the one in the stack file: argocd.admin"
    return (
        f"kubectl --context {context} -n {argocd.namespace} get secret "
        "argocd-initial-admin-secret -o go-template='{{.data.password|base64decode}}'"
    )
