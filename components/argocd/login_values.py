"""The chart's values for who may log in, and what they may do. Value names: chart argo-cd 10.1.1."""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import Any

import bcrypt
import yaml

from components.argocd.access_options import (
    AdminSettings,
    GitlabSsoSettings,
    OidcSettings,
    RbacSettings,
    SsoSettings,
)
from components.argocd.chart_secrets import (
    GITLAB_CLIENT_SECRET,
    GITLAB_ROOT_CA,
    OIDC_CLIENT_SECRET,
    SECRET,
    reference,
)
from components.argocd.values import at, in_chart_words, merge_all

ADMIN_HASH = ("configs", "secret", "argocdServerAdminPassword")
"""Where the admin's bcrypt hash stands in the values."""

_CM = ("configs", "cm")
_CA_FOLDER = "/etc/protobox-cd"


def admin_values(admin: AdminSettings, stack: str) -> dict[str, Any]:
    """Return the values for the user `admin`; `stack` is the Pulumi stack's name."""
    hashed = admin.password_hash.get_secret_value() if admin.password_hash else None
    if admin.password:
        hashed = admin_password_hash(admin.password.get_secret_value(), stack)
    mtime = at(("configs", "secret", "argocdServerAdminPasswordMtime"), admin.password_mtime)
    return merge_all(
        at((*_CM, "admin.enabled"), admin.enabled), at(ADMIN_HASH, hashed), mtime if hashed else {}
    )


def sso_values(sso: SsoSettings) -> dict[str, Any]:
    """Return the values for single sign-on."""
    return merge_all(
        _gitlab_values(sso.gitlab) if sso.gitlab else {},
        _oidc_values(sso.oidc) if sso.oidc else {},
    )


def rbac_values(rbac: RbacSettings) -> dict[str, Any]:
    """Return the values for what people may do."""
    scopes = f"[{', '.join(rbac.scopes)}]" if rbac.scopes else None  # Argo CD reads it as YAML
    return at(("configs", "rbac"), {**in_chart_words(rbac, "scopes"), **at(("scopes",), scopes)})


def _gitlab_values(gitlab: GitlabSsoSettings) -> dict[str, Any]:
    config = {
        "baseURL": gitlab.url,
        "clientID": gitlab.client_id,
        "clientSecret": reference(GITLAB_CLIENT_SECRET),
        **at(("groups",), gitlab.groups),
    }
    connector = {"type": "gitlab", "id": "gitlab", "name": "GitLab", "config": config}
    return merge_all(
        at((*_CM, "dex.config"), _yaml({"connectors": [connector]})),
        at(("dex",), _trusting_dex()) if gitlab.root_ca else {},
    )


def _trusting_dex() -> dict[str, Any]:
    """Return Dex's values for a private CA, by Go's search path for certificates.

    Dex's GitLab connector has an option of its own for it only since 2026 (dexidp/dex#4496).
    """
    name = "gitlab-ca"
    items = [{"key": GITLAB_ROOT_CA, "path": "gitlab.pem"}]
    return {
        "env": [{"name": "SSL_CERT_DIR", "value": f"/etc/ssl/certs:{_CA_FOLDER}"}],
        "volumes": [{"name": name, "secret": {"secretName": SECRET, "items": items}}],
        "volumeMounts": [{"name": name, "mountPath": _CA_FOLDER, "readOnly": True}],
    }


def _oidc_values(oidc: OidcSettings) -> dict[str, Any]:
    config = {
        "name": oidc.name,
        "issuer": oidc.issuer,
        "clientID": oidc.client_id,
        "clientSecret": reference(OIDC_CLIENT_SECRET),
        **at(("requestedScopes",), oidc.requested_scopes),
        **at(("rootCA",), oidc.root_ca),
    }
    return merge_all(at((*_CM, "oidc.config"), _yaml(config)), at(("dex", "enabled"), value=False))


def _yaml(value: Any) -> str:
    return str(yaml.safe_dump(value, sort_keys=False))


COST = 10
"""bcrypt's cost, as Argo CD itself takes it (Argo CD v3.4.4, `util/password/password.go`)."""

_SALT_BYTES = 16
_PURPOSE = b"protobox-cd argocd admin"
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def admin_password_hash(password: str, stack: str) -> str:
    """Return the bcrypt hash of `password` (at most 72 bytes), the same for the same `stack` every time.

    A random salt would show as a change at every preview, so the salt is the HMAC-SHA256 of the stack's
    name. What that costs: whoever knows the name can compute hashes of likely passwords before he has
    ours, and an old password that comes back has its old hash. A guess still costs one bcrypt each. The
    password itself is left out of the salt on purpose: the salt stands in the hash in clear, and would
    let guesses be tried at the speed of HMAC instead. `admin.passwordHash` avoids all of it.
    """
    digest = hmac.digest(_PURPOSE, stack.encode(), "sha256")[:_SALT_BYTES]
    salt = b64encode(digest).rstrip(b"=").translate(bytes.maketrans(_STANDARD, _BCRYPT))
    return bcrypt.hashpw(password.encode(), b"$2b$%02d$%s" % (COST, salt)).decode()
