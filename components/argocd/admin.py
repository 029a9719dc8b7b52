"""Argo CD's built-in user `admin`: whether he may log in, and with which password."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from datetime import datetime
from typing import Annotated, Any, Self

import bcrypt
from pydantic import AfterValidator, Field, SecretStr, model_validator

from components.argocd.values import at, merge_all
from components.stackfile.base import Section, mistake
from components.stackfile.forms import Form
from components.stackfile.problems import set_secret
from components.stackfile.secret_text import SecretText

ADMIN_HASH = ("configs", "secret", "argocdServerAdminPassword")
"""Where the bcrypt hash of the password stands in the chart's values."""

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

    def chart_values(self, stack: str) -> dict[str, Any]:
        """Return the chart's values for what is set; the hash at `ADMIN_HASH` is secret."""
        hashed = self.password_hash.get_secret_value() if self.password_hash else None
        if self.password:
            hashed = admin_password_hash(self.password.get_secret_value(), stack)
        mtime = at(("configs", "secret", "argocdServerAdminPasswordMtime"), self.password_mtime)
        return merge_all(
            at(("configs", "cm", "admin.enabled"), self.enabled),
            at(ADMIN_HASH, hashed),
            mtime if hashed else {},
        )


COST = 10
"""bcrypt's cost, as Argo CD itself takes it (Argo CD v3.4.4, `util/password/password.go`)."""

_SALT_BYTES = 16
_PURPOSE = b"protobox-cd argocd admin"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT_BASE64 = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def admin_password_hash(password: str, stack: str) -> str:
    """Return the bcrypt hash of `password` (at most 72 bytes), the same for the same `stack` every time.

    A random salt would show as a change at every preview, so the salt is the HMAC-SHA256 of the stack's
    name. What that costs: whoever knows the name can compute hashes of likely passwords before he has
    ours, and an old password that comes back has its old hash. A guess still costs one bcrypt each. The
    password itself is left out of the salt on purpose: the salt stands in the hash in clear, and would
    let guesses be tried at the speed of HMAC instead. `admin.passwordHash` avoids all of it.
    """
    digest = hmac.digest(_PURPOSE, stack.encode(), "sha256")[:_SALT_BYTES]
    salt = b64encode(digest).rstrip(b"=").translate(bytes.maketrans(_BASE64, _BCRYPT_BASE64))
    return bcrypt.hashpw(password.encode(), b"$2b$%02d$%s" % (COST, salt)).decode()
