"""What several parts of the `argocd` section share: host names, addresses, certificates, a look at values."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Annotated, Any

from pydantic import AfterValidator

from components.settings.base import mistake
from components.settings.forms import IPV6, NAME, Form
from components.settings.names import HOST_NAME
from components.settings.urls import HOST, repository_host

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_WEB = Form(
    rf"https?://{HOST}(/\S*)?",
    "{bare} is not the address of a web server",
    "Argo CD sends people there to log in",
    "write it in full and without a user name, for example https://git.protobox/gitlab",
)
_CERTIFICATE_HOST = Form(
    rf"(?=.{{1,253}}$){NAME}|{IPV6}",
    "{} is not a host name alone",
    "Argo CD looks a certificate up by the host, without scheme and port, and would not find it",
    lambda host: f"write {repository_host(host if '://' in host else f'https://{host}') or 'git.protobox'}",
)
"""Source: Argo CD v3.4.4, `util/cert/cert.go`."""
_PEM = Form(r"[^-]*(-----BEGIN CERTIFICATE-----\s*M[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----[^-]*)+")
ANYWHERE = "/.*/"
"""What stands in for the namespaces that Argo CD looks at, where they are not known: nothing is compared."""
_DER_SEQUENCE = 0x30
"""The first byte of every certificate (X.690, section 8.9)."""


def require_domain(domain: str) -> str:
    """Return `domain` in lower case, if it is a host name and nothing more."""
    if "://" in domain:
        host = repository_host(domain) or "argocd.protobox"
        raise mistake(
            f"{domain!r} is a URL",
            "the chart puts https:// in front of it, so that links and logins would lead nowhere",
            f"write the host name alone: {host}; for plain HTTP set insecure: true as well",
        )
    if not HOST_NAME.fits(domain):
        raise mistake(
            f"{domain!r} is not a host name",
            "browsers reach Argo CD under this name, and an Ingress is refused with any other",
            "write the name alone, for example argocd.protobox",
        )
    return domain.lower().removesuffix(".")


def require_pem(text: str) -> str:
    """Return `text`, if it is one certificate or several in PEM form and nothing else."""
    bodies = _CERTIFICATE.findall(text)
    if not bodies or "-----" in _CERTIFICATE.sub("", text) or not all(map(_is_der, bodies)):
        raise mistake(
            "this is no certificate in PEM form, or not only certificates",
            "the TLS connection would fail; and a private key here could be read by everybody in the cluster",
            "paste the CA's certificate as a block:\n"
            "    git.protobox: |\n"
            "      -----BEGIN CERTIFICATE-----\n"
            "      MIID...\n"
            "      -----END CERTIFICATE-----",
        )
    return text


def value_at(values: Any, *path: str) -> Any:
    """Return what stands at `path` (keys, outermost first) in `values`; None if nothing does."""
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def text_at(values: Any, *path: str) -> str:
    """Return the text at `path` in `values`; "" if there is none."""
    value = value_at(values, *path)
    return value if isinstance(value, str) else ""


def _is_der(body: str) -> bool:
    try:
        der = b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        return False
    return der[:1] == bytes([_DER_SEQUENCE])


Domain = Annotated[str, AfterValidator(require_domain), HOST_NAME]
WebUrl = Annotated[str, _WEB, AfterValidator(lambda url: url.rstrip("/"))]
CertificateHost = Annotated[str, _CERTIFICATE_HOST, AfterValidator(str.lower)]
Pem = Annotated[str, AfterValidator(require_pem), _PEM]
