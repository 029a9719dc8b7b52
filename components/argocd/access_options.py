"""Who may log in to Argo CD, and what they may do there."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from components.argocd.checks_of_values import Pem, WebUrl
from components.stackfile.base import Section, mistake
from components.stackfile.forms import Form
from components.stackfile.problems import set_secret
from components.stackfile.secret_text import SecretText

DEFAULT_PASSWORD_MTIME = "2024-01-01T00:00:00Z"  # noqa: S105 - a time, no password
"""Any fixed time in the past would do."""

_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")
_BCRYPT_MAX_BYTES = 72
_TIME = Form(
    r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)


def require_bcrypt_input(password: SecretStr) -> SecretStr:
    """Return `password`, if bcrypt takes all of it: at most 72 bytes, none of them zero."""
    octets = password.get_secret_value().encode()
    if len(octets) > _BCRYPT_MAX_BYTES or b"\0" in octets:
        raise mistake(
            f"the password has more than {_BCRYPT_MAX_BYTES} bytes, or a zero byte",
            "Argo CD keeps a bcrypt hash of it, and bcrypt reads no further",
            "choose a shorter one, and run this command, which asks for it:"
            + set_secret(("argocd", "admin", "password")),
        )
    return password


def require_bcrypt_hash(hashed: SecretStr) -> SecretStr:
    """Return `hashed`, if it is a bcrypt hash as `htpasswd -B` writes it."""
    if not _BCRYPT.fullmatch(hashed.get_secret_value()):
        raise mistake(
            "this is not a bcrypt hash",
            "Argo CD compares the password with it at each login, and nobody could log in as admin",
            "make one with `htpasswd -nBC 10 admin` and take what stands behind `admin:`, or give the "
            "password itself as admin.password",
        )
    return hashed


def require_time(text: str) -> str:
    """Return `text`, if it is a time in UTC, to the second, on a day that exists."""
    try:
        exists = _TIME.fits(text) and bool(datetime.fromisoformat(text))
    except ValueError:
        exists = False
    if not exists:
        raise mistake(
            f"{text!r} is not a time in UTC, or its day does not exist",
            "Argo CD could not tell which sessions are older than the password",
            'write "2026-01-31T12:00:00Z"; `date -u +%FT%TZ` prints the present time',
        )
    return text


class AdminSettings(Section):
    """Argo CD's built-in user `admin`."""

    enabled: bool | None = Field(default=None, examples=[False])
    """Whether `admin` may log in; true by default, as in the chart. Write false once SSO works."""
    password: Annotated[SecretText, AfterValidator(require_bcrypt_input)] | None = Field(
        default=None, examples=["{secure: ...}"]
    )
    """The password, set with `pulumi config set --secret`, at most 72 bytes. Argo CD makes one itself by
    default, and keeps it in the Secret `argocd-initial-admin-secret`."""
    password_hash: Annotated[SecretText, AfterValidator(require_bcrypt_hash)] | None = Field(
        default=None, examples=["{secure: ...}"]
    )
    """A bcrypt hash of the password, made elsewhere, in place of `password`: then this program never sees
    the password itself, and the hash has a random salt."""
    password_mtime: Annotated[str, AfterValidator(require_time), _TIME] = Field(
        default=DEFAULT_PASSWORD_MTIME, examples=["2026-01-31T12:00:00Z"]
    )
    """When the password was set, in UTC. It is fixed, since the chart would write the present time at every
    preview. Sessions that are older than it end, so set it together with a new password to log everybody
    out; never set it in the future, since nobody could log in until then."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password and self.password_hash:
            raise mistake(
                "password and passwordHash are set together",
                "both become the same hash in Argo CD, and nobody can tell which one is in use",
                "keep one: pulumi config rm --path protobox-cd:argocd.admin.password",
            )
        return self


class GitlabSsoSettings(Section):
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


class OidcSettings(Section):
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


class SsoSettings(Section):
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


class RbacSettings(Section):
    """What people may do in Argo CD."""

    default_policy: str | None = Field(
        default=None, min_length=1, serialization_alias="policy.default", examples=["role:readonly"]
    )
    """The role of everybody who is logged in; none by default, so that people see nothing."""
    policy: str | None = Field(
        default=None, serialization_alias="policy.csv", examples=["g, protobox1, role:admin"]
    )
    """Argo CD's policy, one rule a line: `p, ...` for rights, `g, ...` for roles; `#` begins a comment."""
    scopes: list[str] = Field(default_factory=list, examples=[["groups", "email"]])
    """The OIDC claims that a policy's subjects are compared with; groups by default."""
