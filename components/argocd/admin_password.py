"""The bcrypt hash of the admin's password: the same at every preview."""

from __future__ import annotations

import hmac
from base64 import b64encode

import bcrypt

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
