"""What entries that become Secrets of Argo CD's have in common, and what repositories and templates have.

Key names are Argo CD's own. Source: Argo CD v3.4.4, `util/db/repository_secrets.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from components.argocd.chart_values import opaque_secret
from components.cluster.existing_secret import ExistingSecretSettings
from components.stackfile.base import Section, mistakes
from components.stackfile.forms import Form
from components.stackfile.problems import Problem
from components.stackfile.secret_text import SecretText, is_certificate, is_private_key
from components.stackfile.urls import HOST, Location, repository_host, with_host_name

SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - the label's name
"""The label by which Argo CD finds its Secrets (docs operator-manual/declarative-setup.md)."""

Read = Mapping[str, str]
"""What was taken from an existing Secret: Argo CD's key → value."""

_SCHEMES: dict[tuple[str, bool], tuple[tuple[str, ...], str]] = {
    ("git", False): (("http", "https", "ssh", "git"), "https://git.protobox/gitlab/group/project.git"),
    ("git", True): ((), "registry.protobox/charts with type: helm"),
    ("helm", False): (("http", "https"), "https://charts.protobox/stable"),
    ("helm", True): (("",), "registry.protobox/charts"),
    ("oci", False): (("oci",), "oci://registry.protobox/manifests"),
    ("oci", True): (("oci",), "oci://registry.protobox/manifests"),
}
"""Type and `enableOCI` → schemes that fit, and an example. Source: Argo CD docs,
operator-manual/declarative-setup.md and user-guide/oci.md."""

_PROXY = Form(
    rf"(https?|socks5)://{HOST}(/\S*)?",
    "{bare} is not a proxy's URL",
    "Argo CD would reach nothing through it",
    "write it in full, for example http://proxy.protobox:3128",
)
_PRIVATE_KEYS = ("sshPrivateKey", "tlsClientCertKey", "githubAppPrivateKey")


def no_login(what: str, fix: str) -> Form:
    """Return the form of an address, called `what`, with no user name and no password in it."""
    refused, why = f"{what} holds a user name or password", "it would stand in clear text in the stack file"
    return Form(r"(?![^/]*://[^/]*@)[\s\S]*", refused, why, fix)


ProxyUrl = Annotated[
    str,
    no_login(
        "the proxy's URL",
        "put the whole URL into a Secret and name it: existingSecret: {name: …, keys: {proxy: …}}",
    ),
    _PROXY,
]


def not_pem(path: tuple[str, ...], what: str) -> Problem:
    """Return the problem of a value that is no key or certificate; the value itself is not told."""
    return Problem(
        path,
        f"this is not a {what} in PEM form, with its line breaks",
        "Argo CD could not read it, and would say so only at the first sync",
        f"set the file's whole content, from -----BEGIN to -----END {what.upper()}-----, for example by "
        "`pulumi config set --secret --path … < file`",
    )


def as_text(value: object) -> str:
    """Return a value as it stands in a Secret, where everything is text."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


class CredentialSettings(Section):
    """What credential templates and repositories have in common."""

    name_prefix: ClassVar[str]
    """How the name of its Secret begins; the entry's key follows."""
    secret_type: ClassVar[str]
    """What the Secret's label says that it is."""
    login_keys: ClassVar = (
        "username",
        "password",
        "bearerToken",
        "sshPrivateKey",
        "tlsClientCertData",
        "tlsClientCertKey",
        "githubAppID",
        "githubAppInstallationID",
        "githubAppPrivateKey",
        "gcpServiceAccountKey",
        "proxy",
    )
    """What can be taken from an existing Secret."""

    type: Literal["git", "helm", "oci"] = "git"
    """What kind of repository it is; `git` by default. A Helm repository in an OCI registry is `helm` with
    `enableOCI`."""
    url: Location = Field(examples=["http://git.protobox/gitlab/"])
    """The address."""
    username: str | None = Field(default=None, min_length=1, examples=["deploy"])
    """Who logs in. With a GitLab token any text that is not empty."""
    password: SecretText | None = None
    """The password, or the token in its place (for GitLab: a deploy token with `read_repository`)."""
    bearer_token: SecretText | None = None
    """A token that is sent as `Authorization: Bearer`, for Bitbucket Data Center."""
    ssh_private_key: SecretText | None = None
    """A private SSH key without passphrase. The server's host key belongs into Argo CD's known hosts."""
    tls_client_cert_data: str | None = Field(default=None, min_length=1)
    """A client certificate in PEM form."""
    tls_client_cert_key: SecretText | None = None
    """The client certificate's private key in PEM form."""
    github_app_id: int | None = Field(default=None, ge=1, alias="githubAppID")
    """The number of a GitHub App that logs in."""
    github_app_installation_id: int | None = Field(default=None, ge=1, alias="githubAppInstallationID")
    """The number of the GitHub App's installation."""
    github_app_private_key: SecretText | None = None
    """The GitHub App's private key in PEM form."""
    github_app_enterprise_base_url: str | None = Field(
        default=None, examples=["https://github.protobox/api/v3"]
    )
    """The API of GitHub Enterprise; that of github.com by default."""
    gcp_service_account_key: SecretText | None = None
    """A Google Cloud service account's key, as JSON."""
    use_azure_workload_identity: bool | None = None
    """Log in by the workload identity of Argo CD's pods in Azure."""
    enable_oci: bool | None = Field(default=None, alias="enableOCI")
    """The Helm repository is in an OCI registry; its `url` then has no scheme: `registry.protobox/charts`."""
    insecure_oci_force_http: bool | None = Field(default=None, alias="insecureOCIForceHttp")
    """Speak plain HTTP with the OCI registry."""
    force_http_basic_auth: bool | None = None
    """Send the credentials without waiting to be asked, for a server that does not ask."""
    proxy: ProxyUrl | None = Field(default=None, examples=["http://proxy.protobox:3128"])
    """The proxy to go through; none by default, whatever Argo CD's environment says."""
    no_proxy: str | None = Field(default=None, examples=["git.protobox,.cluster.local"])
    """Hosts that are reached without the proxy, separated by commas."""
    existing_secret: ExistingSecretSettings | None = Field(
        default=None, examples=[{"name": "gitlab-login", "keys": {"password": "token"}}]
    )
    """A Secret that has the credentials already, so that the stack file needs none."""
    adopt: bool = False
    """Take over a Secret of this entry's name that is already in the cluster, with what is said here."""
    drop: list[str] = Field(default_factory=list, examples=[["data.password"]])
    """What the adoption may change or drop of the Secret that is there, by the paths in it, with all
    below them. Nothing by default: it stops."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = [*self._of_address(), *self._of_login(), *self._of_keys()]
        if problems:
            raise mistakes(problems)
        return self

    def given(self) -> dict[str, object]:
        """Return Argo CD's key → value, for what stands in the stack file itself."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"existing_secret", "adopt", "drop"})

    def secret(self, name: str, namespace: str, read: Read, hosts: Mapping[str, str]) -> dict[str, Any]:
        """Return its Secret; what the stack file says wins over `read`, what an existing one has.

        The URL names the host as the Applications do (`hosts`), since Argo CD compares the two.
        """
        texts = {key: as_text(value) for key, value in self.given().items()}
        data = {**read, **texts, "url": with_host_name(self.url, hosts)}
        labels = {SECRET_TYPE: self.secret_type}
        return opaque_secret(f"{self.name_prefix}{name}", namespace, labels, data)

    @property
    def scheme(self) -> str:
        """The address's scheme in lower case: `ssh` for Git's short form, "" for a registry's bare name."""
        if "://" in self.url:
            return self.url.partition("://")[0].lower()
        return "ssh" if repository_host(self.url) and self.type == "git" else ""

    def _of_address(self) -> Iterator[Problem]:
        if not self.scheme and "@" in self.url:
            yield Problem(
                ("url",),
                "the URL holds a user name or password",
                "it would stand in clear text in the stack file",
                "take it out of the URL and write username: and password: instead",
            )
            return
        schemes, example = _SCHEMES[self.type, bool(self.enable_oci)]
        if self.scheme not in schemes:
            yield Problem(
                ("url",),
                f"{self.url!r} is not the URL of a repository of type {self.type}"
                + (" with enableOCI" if self.enable_oci else ""),
                "Argo CD would look for the repository by another protocol",
                f"write it for example as {example}, or set type: and enableOCI: accordingly",
            )

    def _of_login(self) -> Iterator[Problem]:
        existing = self.existing_secret
        if existing:
            yield from existing.problems(self.login_keys, list(self.given()))
        if self._has("password") and not self.username and not (existing and existing.may_give("username")):
            yield Problem(
                ("password",) if self.password else ("existingSecret", "keys"),
                "there is a password and no user name",
                "Git servers ask for both; with a GitLab token any user name will do",
                "add username: deploy",
            )
        if self._has("sshPrivateKey") and self.scheme != "ssh":
            yield Problem(
                ("sshPrivateKey",) if self.ssh_private_key else ("existingSecret", "keys", "sshPrivateKey"),
                "there is an SSH key, but the URL is not one of SSH",
                "Argo CD would not use the key and would find the repository closed",
                f"write the URL as ssh://git@{repository_host(self.url) or 'git.protobox'}/…, "
                "or take a password: in place of the key",
            )
        for there, missing in (
            ("tlsClientCertData", "tlsClientCertKey"),
            ("tlsClientCertKey", "tlsClientCertData"),
        ):
            if self._has(there) and not self._has(missing) and not (existing and existing.may_give(missing)):
                yield Problem(
                    ("tlsClientCertData",),
                    f"there is {there} without {missing}",
                    "a client certificate is of use only together with its private key",
                    f"add {missing}:",
                )

    def _of_keys(self) -> Iterator[Problem]:
        given = self.given()
        for key in _PRIVATE_KEYS:
            value = given.get(key)
            if isinstance(value, SecretStr) and not is_private_key(value.get_secret_value()):
                yield not_pem((key,), "private key")
        if self.tls_client_cert_data and not is_certificate(self.tls_client_cert_data):
            yield not_pem(("tlsClientCertData",), "certificate")

    def _has(self, key: str) -> bool:
        existing = self.existing_secret
        return key in self.given() or bool(existing and existing.gives(key))
