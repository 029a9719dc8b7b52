"""The `argocd` section with every option in use, for tests of what becomes of it."""

from __future__ import annotations

from typing import Any

from components.argocd.section import ArgoCDSettings
from tests.site import settings

PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQw==\n-----END CERTIFICATE-----\n"
HASH = "$2y$10$abcdefghijklmnopqrstuuEBIQNRLpcFsFT9vZ1ZC2H2lWuYTSXTC"
GITLAB = {"url": "http://git.protobox/gitlab", "clientId": "id", "clientSecret": "gitlab-client-secret"}
OIDC = {"issuer": "https://sso.protobox", "clientId": "argocd", "clientSecret": "oidc-client-secret"}
COMPONENTS = ("controller", "server", "repoServer", "applicationSet", "notifications", "redis", "dex")

EVERYTHING: dict[str, Any] = {
    "domain": "argocd.protobox",
    "insecure": True,
    "ingress": {"className": "traefik", "tls": True, "hostname": "cd.protobox", "annotations": {"a/b": "c"}},
    "gateway": {"parent": "infra/external", "listener": "https", "grpcHostname": "grpc.argocd.protobox"},
    "service": {"type": "NodePort", "nodePortHttp": 30080, "nodePortHttps": 30443},
    "networkPolicy": {"create": False, "defaultDenyIngress": True},
    "admin": {"enabled": True, "password": "the admin's password"},
    "sso": {"gitlab": {**GITLAB, "groups": ["protobox1"], "rootCA": PEM}},
    "rbac": {"defaultPolicy": "role:readonly", "policy": "g, protobox1, role:admin", "scopes": ["groups"]},
    "resources": {name: {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}} for name in COMPONENTS},
    "metrics": {"serviceMonitor": True, "dnsRule": True},
    "notifications": {
        "enabled": True,
        "notifiers": {"service.slack": "token: $slack-token"},
        "templates": {"template.deployed": "message: deployed"},
        "triggers": {"trigger.on-deployed": "- when: 'true'"},
        "secrets": {"slack-token": "xoxb-secret"},
    },
    "webhook": {"gitlabSecret": "webhook-token"},
    "highAvailability": True,
    "controllerShards": 3,
    "images": {"registry": "registry.protobox/mirror", "tag": "v3.4.4", "pullSecrets": ["credentials"]},
    "certificates": {"git.protobox": PEM},
    "sshKnownHosts": ["git.protobox ssh-ed25519 AAAAC3Nz", "[git.protobox]:2222 ssh-rsa AAAAB3Nz"],
}

SECRETS = (
    "the admin's password",
    "gitlab-client-secret",
    "oidc-client-secret",
    "xoxb-secret",
    "webhook-token",
)


def argocd(**options: Any) -> ArgoCDSettings:
    """Return the `argocd` section of a stack file that says `options` there."""
    return settings(argocd=options).argocd
