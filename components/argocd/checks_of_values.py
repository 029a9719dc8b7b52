"""What several parts of the `argocd` section share: host names, addresses, certificates, a look at values."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator

from components.stackfile.base import mistake
from components.stackfile.forms import IPV6, NAME, Form
from components.stackfile.host_names import HOST_NAME
from components.stackfile.urls import HOST, repository_host

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
ANYWHERE = "/.*/"
"""What stands in for the namespaces that Argo CD looks at, where they are not known: nothing is compared."""


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


def value_at(values: Any, *path: str) -> Any:
    """Return what stands at `path` (keys, outermost first) in `values`; None if nothing does."""
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def text_at(values: Any, *path: str) -> str:
    """Return the text at `path` in `values`; "" if there is none."""
    value = value_at(values, *path)
    return value if isinstance(value, str) else ""


Domain = Annotated[str, AfterValidator(require_domain), HOST_NAME]
WebUrl = Annotated[str, _WEB, AfterValidator(lambda url: url.rstrip("/"))]
CertificateHost = Annotated[str, _CERTIFICATE_HOST, AfterValidator(str.lower)]
Pem = Annotated[str, _PEM]
