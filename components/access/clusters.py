"""The `clusters` section, and its Secrets: further clusters that Argo CD deploys to.

Source: Argo CD v3.4.4, docs operator-manual/declarative-setup.md (Clusters), `util/db/cluster.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from components.access.credentials import SECRET_TYPE, ProxyUrl, Read, as_text, no_login, not_pem
from components.argocd.chart_values import opaque_secret
from components.cluster.existing_secret import ExistingSecretSettings
from components.projects.section import IN_CLUSTER, IN_CLUSTER_NAME
from components.stackfile.base import Section, mistakes
from components.stackfile.forms import Form
from components.stackfile.problems import Problem, set_secret
from components.stackfile.secret_text import SecretText, is_certificate, is_private_key, pem_base64, pem_text
from components.stackfile.urls import HOST

_OURS = "Argo CD has it by itself, and two entries for one cluster contradict each other"
_TAKE_OUT = f"take the entry out; a destination can name {IN_CLUSTER_NAME} without it"
_OTHER = Form(
    rf"(?!{re.escape(IN_CLUSTER)}/*$)[\s\S]*", "{} is the cluster that Argo CD runs in", _OURS, _TAKE_OUT
)
_API_SERVER = Form(
    rf"https?://{HOST}(/\S*)?",
    "{bare} is not the URL of an API server",
    "Argo CD's controller would reach nothing there",
    "write it in full, for example https://10.0.0.5:6443",
)
ApiServer = Annotated[
    str,
    no_login("the URL", "take it out of the URL and write username: and password:, or bearerToken:"),
    _OTHER,
    _API_SERVER,
    AfterValidator(lambda url: url.rstrip("/")),
]
_NAME = Form(
    r"(?!in-cluster$)[\s\S]*",
    "in-cluster is Argo CD's own name for the cluster that it runs in",
    _OURS,
    _TAKE_OUT,
)
ClusterName = Annotated[str, _NAME]
"""A key of the `clusters` section."""


class ExecProviderSettings(Section):
    """A command in Argo CD's pods that prints credentials, as kubectl's `exec` plugins do."""

    command: str = Field(min_length=1, examples=["argocd-k8s-auth"])
    """The command; it must be in Argo CD's image."""
    args: list[str] | None = None
    """Its arguments."""
    env: dict[str, str] | None = None
    """Its environment; not for secrets, which belong into the pods' own environment."""
    api_version: str | None = Field(default=None, examples=["client.authentication.k8s.io/v1beta1"])
    """The version of the answer's form."""
    install_hint: str | None = None
    """What is told when the command is missing."""


class AwsAuthSettings(Section):
    """Log in to Amazon EKS by the IAM role of Argo CD's pods."""

    cluster_name: str = Field(min_length=1, examples=["production"])
    """The cluster's name in EKS."""
    role_arn: str | None = Field(
        default=None, alias="roleARN", examples=["arn:aws:iam::123456789012:role/cd"]
    )
    """The role to take on; that of the pods by default."""
    profile: str | None = None
    """The AWS profile to use."""


class ClusterEntrySettings(Section):
    """One cluster. The entry's key is the name by which a destination means it."""

    name_prefix: ClassVar = "argocd-cluster-"
    """How the name of its Secret begins; the entry's key follows."""
    login_keys: ClassVar = ("username", "password", "bearerToken", "caData", "certData", "keyData")
    """What can be taken from an existing Secret."""

    declare: bool = True
    """Write `false` for a cluster that somebody else has registered: this stack then only refers to it."""
    server: ApiServer | None = Field(default=None, examples=["https://10.0.0.5:6443"])
    """The API server's URL, as seen from Argo CD's pods. It is needed unless `declare` is `false`."""
    ca_data: str | None = Field(default=None, min_length=1)
    """The certificate of the authority that the API server is trusted by: PEM, or its base64 as kubeconfig
    files have it. Argo CD's own trusted authorities by default."""
    insecure: bool = False
    """Do not verify the API server's certificate."""
    server_name: str | None = Field(default=None, examples=["kubernetes.edge.protobox"])
    """The name in the API server's certificate, if it is not the one in `server`."""
    bearer_token: SecretText | None = None
    """The token of a ServiceAccount of that cluster."""
    username: str | None = Field(default=None, min_length=1)
    """Who logs in by basic authentication."""
    password: SecretText | None = None
    """The user's password."""
    cert_data: str | None = Field(default=None, min_length=1)
    """A client certificate: PEM, or its base64."""
    key_data: SecretText | None = None
    """The client certificate's private key: PEM, or its base64."""
    exec_provider: ExecProviderSettings | None = Field(default=None, serialization_alias="execProviderConfig")
    """A command that prints credentials."""
    aws_auth: AwsAuthSettings | None = Field(default=None, serialization_alias="awsAuthConfig")
    """Log in to Amazon EKS."""
    proxy_url: ProxyUrl | None = Field(default=None, examples=["http://proxy.protobox:3128"])
    """The proxy through which Argo CD reaches the API server."""
    disable_compression: bool | None = None
    """Do not ask the API server for compressed answers."""
    namespaces: list[str] | None = Field(default=None, min_length=1, examples=[["shop", "shop-test"]])
    """The only namespaces that Argo CD looks at; all by default."""
    cluster_resources: bool | None = None
    """Manage objects outside of namespaces too, although `namespaces` is set."""
    project: str | None = Field(default=None, min_length=1, examples=["shop"])
    """The AppProject that alone may use the cluster; all by default."""
    shard: int | None = Field(default=None, ge=0)
    """The number of the controller shard that looks after the cluster; Argo CD chooses by default."""
    labels: dict[str, str] = Field(default_factory=dict, examples=[{"region": "north"}])
    """Labels for the cluster's Secret, by which ApplicationSets choose clusters."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations for the cluster's Secret."""
    existing_secret: ExistingSecretSettings | None = Field(
        default=None, examples=[{"name": "edge-token", "keys": {"bearerToken": "token", "caData": "ca.crt"}}]
    )
    """A Secret that has the token and the authority's certificate already."""
    adopt: bool = False
    """Take over a Secret of this entry's name that is already in the cluster, with what is said here."""
    drop: list[str] = Field(default_factory=list, examples=[["data.password"]])
    """What the adoption may change or drop of the Secret that is there, by the paths in it, with all
    below them. Nothing by default: it stops."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        found = (
            [*self._of_login(), *self._of_tls()]
            if self.declare
            else [*unused_keys(self, "a cluster", "server")]
        )
        if found:
            raise mistakes(found)
        return self

    def secret(self, name: str, namespace: str, read: Read, _hosts: Mapping[str, str]) -> dict[str, Any]:
        """Return its Secret. What the stack file says wins over `read`, what an existing one has."""
        fields = {
            "name": name,
            "server": self.server,
            "config": json.dumps(self._config(read), sort_keys=True),
            "namespaces": ",".join(self.namespaces or []) or None,
            "clusterResources": self.cluster_resources,
            "project": self.project,
            "shard": self.shard,
        }
        data = {key: as_text(value) for key, value in fields.items() if value is not None}
        labels = {**self.labels, SECRET_TYPE: "cluster"}
        secret = opaque_secret(f"{self.name_prefix}{name}", namespace, labels, data)
        if self.annotations:
            secret["metadata"]["annotations"] = dict(self.annotations)
        return secret

    def _config(self, read: Read) -> dict[str, Any]:
        """Return the connection, as Argo CD reads it from the Secret's `config`."""
        login = {**read, **{key: as_text(value) for key, value in self._given().items()}}
        pem = {key: pem_base64(login.pop(key)) for key in ("caData", "certData", "keyData") if key in login}
        tls = self.model_dump(by_alias=True, exclude_none=True, include={"insecure", "server_name"})
        other = self.model_dump(
            by_alias=True,
            exclude_none=True,
            include={"exec_provider", "aws_auth", "proxy_url", "disable_compression"},
        )
        return {**login, **other, "tlsClientConfig": {**tls, **pem}}

    def _given(self) -> dict[str, object]:
        """Return Argo CD's key → value, for what stands in the stack file and could be in a Secret."""
        given = self.model_dump(by_alias=True, exclude_none=True)
        return {key: given[key] for key in self.login_keys if key in given}

    def _of_login(self) -> Iterator[Problem]:
        existing = self.existing_secret
        if not self.server:
            yield Problem(
                (),
                "server is missing",
                "Argo CD has to know where the API server is",
                "add it, for example server: https://10.0.0.5:6443",
            )
        if existing:
            problems = [*existing.problems(self.login_keys, list(self._given()))]
            yield from problems
            if problems or not existing.keys:  # without keys it gives whatever it has
                return
        given = {*self._given(), *(existing.keys if existing else ())}
        fields = {"execProvider": self.exec_provider, "awsAuth": self.aws_auth}
        ways = [key for key in ("bearerToken", "username") if key in given]
        ways += [key for key, value in fields.items() if value]
        if len(ways) > 1:
            yield Problem(
                (),
                f"{' and '.join(ways)} are set together",
                "Kubernetes clients refuse two ways to log in",
                f"take {ways[1]} out, or {ways[0]}",
            )
        if not ways and "certData" not in given:
            yield Problem(
                (),
                "there is nothing to log in with",
                "Argo CD could not deploy anything to the cluster",
                "run this command, which asks for the value:"
                + set_secret(("clusters", "<name>", "bearerToken")),
            )
        for first, second in (("username", "password"), ("certData", "keyData")):
            if (first in given) != (second in given):
                there, missing = (first, second) if first in given else (second, first)
                yield Problem(
                    (), f"there is {there} without {missing}", "they work only together", f"add {missing}:"
                )

    def _of_tls(self) -> Iterator[Problem]:
        if self.insecure and (
            self.ca_data or (self.existing_secret and self.existing_secret.gives("caData"))
        ):
            yield Problem(
                ("insecure",),
                "insecure and caData are set together",
                "Kubernetes clients refuse a trusted authority for a certificate that is not to be verified",
                "take out insecure: true",
            )
        for key, certificate in (("caData", self.ca_data), ("certData", self.cert_data)):
            if certificate and not is_certificate(pem_text(certificate)):
                yield not_pem((key,), "certificate")
        if self.key_data and not is_private_key(pem_text(self.key_data.get_secret_value())):
            yield not_pem(("keyData",), "private key")


def unused_keys(entry: Section, what: str, *used: str) -> Iterator[Problem]:
    """Yield a problem for each key that is set in an entry with `declare: false`, apart from those in `used`.

    Somebody else declares that object, and this stack only refers to it; `what` names it, with an article.
    """
    for name in sorted(entry.model_fields_set - {"declare", *used}):
        key = type(entry).model_fields[name].alias or name
        yield Problem(
            (key,),
            f"{key} is set for {what} that this stack does not declare",
            "it would be written nowhere",
            f"take out {key}:, or declare: false",
        )
