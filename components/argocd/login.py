"""Where people reach Argo CD, and how they log in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.argocd.values import text_at, value_at
from components.stackfile.problems import Problem

if TYPE_CHECKING:
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


def address_problems(argocd: ArgoCDSettings) -> Iterator[Problem]:
    """Yield why people could not reach Argo CD, or not log in, at the address that it would have."""
    domain, gateway = argocd.domain or text_at(argocd.values, "global", "domain"), argocd.gateway
    url = text_at(argocd.values, "configs", "cm", "url")
    params = value_at(argocd.values, "configs", "params", "server.insecure")
    insecure = bool(argocd.insecure) if params is None else str(params).lower() == "true"
    add_domain = "add domain: argocd.protobox under protobox-cd:argocd"
    if argocd.ingress and not (
        domain or argocd.ingress.hostname or text_at(argocd.values, "server", "ingress", "hostname")
    ):
        yield Problem(
            (),
            "there is an ingress, but no host name for it",
            "the chart would give it the example name argocd.example.com, which nobody calls",
            add_domain,
        )
    if gateway and not (domain or gateway.hostname):
        yield Problem(
            (),
            "there is a gateway, but no host name for its route",
            "the route would take every name of the Gateway, also those of others",
            add_domain,
        )
    if gateway and gateway.grpc_hostname in {domain, gateway.hostname} - {None, ""}:
        yield Problem(
            ("gateway", "grpcHostname"),
            f"{gateway.grpc_hostname} is the host name of the web page, too",
            "a Gateway refuses an HTTPRoute and a GRPCRoute for one name on one listener",
            "write another name, for example grpc.argocd.protobox, or take it out and use "
            "`argocd --grpc-web`",
        )
    if argocd.sso and not (domain or url):
        yield Problem(
            (),
            "there is sso, but no domain",
            "after the login the browser goes back to Argo CD's address, which would be an example name",
            add_domain,
        )
    if url.startswith("http://") and not insecure:
        yield Problem(
            (),
            f"Argo CD's address is {url}, but insecure is not true",
            "argocd-server answers plain HTTP with a redirect to HTTPS, so that this address never works",
            "add insecure: true under protobox-cd:argocd, or write https:// in values.configs.cm.url",
        )
    if gateway and insecure == bool(gateway.backend_tls):
        yield Problem(
            (),
            "a gateway needs either insecure: true or backendTls, and here is "
            f"{'both' if insecure else 'neither'}",
            "the Gateway and argocd-server would not agree on HTTP or HTTPS, so that every request fails",
            "take gateway.backendTls out"
            if insecure
            else "add insecure: true under protobox-cd:argocd, where the Gateway ends TLS",
        )
