"""Whom Argo CD trusts: certificates of private CAs, and host keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.stackfile.forms import IPV6, NAME, Form
from components.stackfile.urls import repository_host

_HOST = Form(
    rf"(?=.{{1,253}}$){NAME}|{IPV6}",
    "{} is not a host name alone",
    "Argo CD looks a certificate up by the host, without scheme and port, and would not find it",
    lambda host: f"write {repository_host(host if '://' in host else f'https://{host}') or 'git.protobox'}",
)
"""Source: Argo CD v3.4.4, `util/cert/cert.go`."""
_ELSE = r"((?!-----)[\s\S])*"
_PEM = Form(
    rf"{_ELSE}(-----BEGIN CERTIFICATE-----\s*M[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----{_ELSE})+",
    "this is no certificate in PEM form, or not only certificates",
    "the TLS connection would fail; and a private key here could be read by everybody in the cluster",
    "paste the CA's certificate as a block:\n"
    "    git.protobox: |\n"
    "      -----BEGIN CERTIFICATE-----\n"
    "      MIID...\n"
    "      -----END CERTIFICATE-----",
)
"""One certificate or several, each of which begins as DER does (X.690, section 8.9), and nothing else."""

CertificateHost = Annotated[str, _HOST, AfterValidator(str.lower)]
Pem = Annotated[str, _PEM]
KnownHost = Annotated[str, Field(pattern=r"^\S+ \S+ [A-Za-z0-9+/=]+[^\n]*$")]
