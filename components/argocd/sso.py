"""Single sign-on: who may log in to Argo CD, by GitLab or by an OpenID Connect provider."""

from __future__ import annotations

from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, Field, model_validator

from components.argocd.integrations import Pem
from components.argocd.values import SECRET, Topic, at, merge_all, reference
from components.stackfile.base import mistake
from components.stackfile.forms import Form
from components.stackfile.secret_text import SecretText
from components.stackfile.urls import HOST

_GITLAB_SECRET = "dex.gitlab.clientSecret"  # noqa: S105 - a key
_GITLAB_CA = "dex.gitlab.rootCA"
_OIDC_SECRET = "oidc.clientSecret"  # noqa: S105 - a key
_CA_FOLDER = "/etc/protobox-cd"

_WEB = Form(
    rf"https?://{HOST}(/\S*)?",
    "{bare} is not the address of a web server",
    "Argo CD sends people there to log in",
    "write it in full and without a user name, for example https://git.protobox/gitlab",
)
WebUrl = Annotated[str, _WEB, AfterValidator(lambda url: url.rstrip("/"))]


class GitlabSsoSettings(Topic):
    """Log in with GitLab, through Argo CD's own Dex.

    The application in GitLab needs the redirect URI `https://<domain>/api/dex/callback` and the scopes
    `read_user`, `openid` and `read_api`.
    """

    url: WebUrl = Field(examples=["http://git.protobox/gitlab"])
    """GitLab's address, with its sub-path. Dex has to resolve its host too."""
    client_id: str = Field(min_length=1, examples=["5f2c0e..."])
    """The application's id in GitLab."""
    client_secret: SecretText = Field(examples=["{secure: ...}"])
    """The application's secret in GitLab, set with `pulumi config set --secret`."""
    groups: list[str] = Field(default_factory=list, examples=[["protobox1"]])
    """The groups whose members may log in, and that RBAC sees; everybody, with all groups, by default."""
    root_ca: Pem | None = Field(default=None, alias="rootCA", examples=["-----BEGIN CERTIFICATE-----..."])
    """The certificate of GitLab's private CA, in PEM form; the public CAs by default."""

    def chart_values(self) -> dict[str, Any]:
        """Return Dex's connector; with a private CA, also where Dex finds it."""
        config = {
            "baseURL": self.url,
            "clientID": self.client_id,
            "clientSecret": reference(_GITLAB_SECRET),
            **at(("groups",), self.groups),
        }
        connector = {"type": "gitlab", "id": "gitlab", "name": "GitLab", "config": config}
        return merge_all(
            at(("configs", "cm", "dex.config"), _yaml({"connectors": [connector]})),
            at(("dex",), _trusting_dex()) if self.root_ca else {},
        )

    def secret_data(self) -> dict[str, str]:
        """Return the client secret and the private CA."""
        return {
            _GITLAB_SECRET: self.client_secret.get_secret_value(),
            **at((_GITLAB_CA,), self.root_ca),
        }


class OidcSettings(Topic):
    """Log in with an OpenID Connect provider, which Argo CD asks directly; Dex is switched off.

    The client needs the redirect URI `https://<domain>/auth/callback`.
    """

    name: str = Field(default="OIDC", min_length=1, examples=["Keycloak"])
    """The name on the login button."""
    issuer: WebUrl = Field(examples=["https://sso.protobox/realms/protobox"])
    """The provider's address. argocd-server has to resolve its host."""
    client_id: str = Field(min_length=1, examples=["argocd"])
    """The client's id."""
    client_secret: SecretText = Field(examples=["{secure: ...}"])
    """The client's secret, set with `pulumi config set --secret`."""
    requested_scopes: list[str] = Field(default_factory=list, examples=[["openid", "profile", "email"]])
    """The scopes to ask for; openid, profile, email and groups by default, as in Argo CD."""
    root_ca: Pem | None = Field(default=None, alias="rootCA", examples=["-----BEGIN CERTIFICATE-----..."])
    """The certificate of the provider's private CA, in PEM form; the public CAs by default."""

    def chart_values(self) -> dict[str, Any]:
        """Return Argo CD's configuration of the provider."""
        config = {
            "name": self.name,
            "issuer": self.issuer,
            "clientID": self.client_id,
            "clientSecret": reference(_OIDC_SECRET),
            **at(("requestedScopes",), self.requested_scopes),
            **at(("rootCA",), self.root_ca),
        }
        return merge_all(
            at(("configs", "cm", "oidc.config"), _yaml(config)), at(("dex", "enabled"), value=False)
        )

    def secret_data(self) -> dict[str, str]:
        """Return the client secret."""
        return {_OIDC_SECRET: self.client_secret.get_secret_value()}


class SsoSettings(Topic):
    """Single sign-on: one of `gitlab` and `oidc`."""

    gitlab: GitlabSsoSettings | None = Field(
        default=None, examples=[{"url": "http://git.protobox/gitlab", "clientId": "5f2c0e..."}]
    )
    """Log in with GitLab."""
    oidc: OidcSettings | None = Field(
        default=None, examples=[{"issuer": "https://sso.protobox", "clientId": "argocd"}]
    )
    """Log in with an OpenID Connect provider."""

    @model_validator(mode="after")
    def _one_provider(self) -> Self:
        if (self.gitlab is None) == (self.oidc is None):
            raise mistake(
                "gitlab and oidc are set together" if self.gitlab else "no provider is named",
                "Argo CD asks one provider: GitLab through Dex, or an OIDC provider without Dex",
                "take gitlab out, or oidc"
                if self.gitlab
                else "add gitlab: or oidc: below it, or take it out",
            )
        return self

    def chart_values(self) -> dict[str, Any]:
        """Return the values of the provider that is named."""
        return merge_all(*(topic.chart_values() for topic in (self.gitlab, self.oidc) if topic))

    def secret_data(self) -> dict[str, str]:
        """Return the secrets of the provider that is named."""
        return merge_all(*(topic.secret_data() for topic in (self.gitlab, self.oidc) if topic))


def _trusting_dex() -> dict[str, Any]:
    """Return Dex's values for a private CA, by Go's search path for certificates.

    Dex's GitLab connector has an option of its own for it only since 2026 (dexidp/dex#4496).
    """
    name = "gitlab-ca"
    items = [{"key": _GITLAB_CA, "path": "gitlab.pem"}]
    return {
        "env": [{"name": "SSL_CERT_DIR", "value": f"/etc/ssl/certs:{_CA_FOLDER}"}],
        "volumes": [{"name": name, "secret": {"secretName": SECRET, "items": items}}],
        "volumeMounts": [{"name": name, "mountPath": _CA_FOLDER, "readOnly": True}],
    }


def _yaml(value: Any) -> str:
    return str(yaml.safe_dump(value, sort_keys=False))
