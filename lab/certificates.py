"""The one key that Kubernetes does not make by itself: the key that signs service account tokens."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def service_account_key(directory: Path) -> tuple[Path, Path]:
    """Return the files with the private and the public key; makes them when there are none.

    They are kept over a restart, so that tokens which are in the cluster already stay valid.
    """
    private, public = directory / "service-account.key", directory / "service-account.pub"
    if not (private.exists() and public.exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        private.touch(mode=0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        public.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
        )
    return private, public
