"""Argo CD's Secrets for repositories and clusters, as data: settings and what was read in, manifest out.

Argo CD finds them by their label. Source: Argo CD v3.4.4, docs operator-manual/declarative-setup.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import SecretStr

from components.access.clusters import CLUSTER_LOGIN_KEYS, ClusterEntrySettings
from components.access.credentials import LOGIN_KEYS, CredentialSettings
from components.access.repositories import CredentialTemplateSettings, RepositorySettings
from components.cluster.existing_secret import ExistingSecretSettings
from components.stackfile.base import Section
from components.stackfile.pem import pem_base64
from components.stackfile.urls import with_host_name

SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - the label's name

_TEMPLATE, _REPOSITORY, _CLUSTER = "argocd-repo-creds-", "argocd-repo-", "argocd-cluster-"
"""How the names of the Secrets begin; the entry's key follows."""
_PREFIXES = {"credentialTemplates": _TEMPLATE, "repositories": _REPOSITORY, "clusters": _CLUSTER}

_IN_TLS = ("caData", "certData", "keyData")

Entry = TypeVar("Entry", CredentialTemplateSettings, RepositorySettings)

Read = Mapping[str, str]
"""What was taken from an existing Secret: Argo CD's key → value."""

Reader = Callable[[ExistingSecretSettings, Sequence[str]], Read]
"""Takes from an existing Secret what its settings name of the given keys of Argo CD."""


@dataclass(frozen=True)
class Credentials:
    """The entries that become Secrets, and what they are made with.

    Attributes:
        hosts: the address of a Git server → the name that stands for it.
        namespace: Argo CD's.
    """

    templates: Mapping[str, CredentialTemplateSettings]
    repositories: Mapping[str, RepositorySettings]
    clusters: Mapping[str, ClusterEntrySettings]
    hosts: Mapping[str, str]
    namespace: str

    def entries(self) -> Iterator[tuple[str, str, CredentialSettings | ClusterEntrySettings]]:
        """Yield section, key and entry of each."""
        for section, entries in (
            ("credentialTemplates", self.templates),
            ("repositories", self.repositories),
            ("clusters", self.clusters),
        ):
            for name, entry in entries.items():
                yield section, name, entry

    def existing(self) -> dict[tuple[str, str], ExistingSecretSettings]:
        """Return section and key of each entry that takes credentials from an existing Secret → that one."""
        return {
            (section, name): entry.existing_secret
            for section, name, entry in self.entries()
            if entry.existing_secret
        }


def secret_manifests(credentials: Credentials, reader: Reader) -> list[dict[str, Any]]:
    """Return the Secrets of the stack: credential templates, repositories, then clusters.

    Args:
        credentials: the entries.
        reader: reads existing Secrets; it is called only for entries that name one.
    """
    namespace, hosts = credentials.namespace, credentials.hosts

    def read(existing: ExistingSecretSettings | None, keys: Sequence[str]) -> Read:
        return reader(existing, keys) if existing else {}

    templates = [
        credential_template_secret(name, _named(own, hosts), namespace, read(own.existing_secret, LOGIN_KEYS))
        for name, own in credentials.templates.items()
    ]
    repositories = [
        repository_secret(name, _named(own, hosts), namespace, read(own.existing_secret, LOGIN_KEYS))
        for name, own in credentials.repositories.items()
    ]
    clusters = [
        cluster_secret(name, own, namespace, read(own.existing_secret, CLUSTER_LOGIN_KEYS))
        for name, own in credentials.clusters.items()
        if own.declare
    ]
    return [*templates, *repositories, *clusters]


def foreign_credentials(credentials: Credentials) -> dict[str, str]:
    """Return the name of each Secret that is filled from an existing one → `namespace/name` of that one."""
    return {
        f"{_PREFIXES[section]}{name}": f"{existing.namespace or credentials.namespace}/{existing.name}"
        for (section, name), existing in credentials.existing().items()
    }


def secret_entries(
    credentials: Credentials,
) -> dict[str, tuple[tuple[str, str], CredentialSettings | ClusterEntrySettings]]:
    """Return the name of each Secret → the entry that makes it: its place in the stack file, and itself."""
    return {
        f"{_PREFIXES[section]}{name}": ((section, name), entry)
        for section, name, entry in credentials.entries()
    }


def _named(settings: Entry, hosts: Mapping[str, str]) -> Entry:
    """Return an entry whose URL names the host as the Applications do, since Argo CD compares the two."""
    return settings.model_copy(update={"url": with_host_name(settings.url, hosts)})


def credential_template_secret(
    name: str, settings: CredentialTemplateSettings, namespace: str, read: Read
) -> dict[str, Any]:
    """Return the Secret of a credential template. What the stack file says wins over what was read."""
    return _secret(f"{_TEMPLATE}{name}", namespace, "repo-creds", _texts(settings, read))


def repository_secret(name: str, settings: RepositorySettings, namespace: str, read: Read) -> dict[str, Any]:
    """Return the Secret of a repository. What the stack file says wins over what was read."""
    data = {"name": name, **_texts(settings, read), "url": settings.url.rstrip("/")}
    return _secret(f"{_REPOSITORY}{name}", namespace, "repository", data)


def cluster_secret(name: str, settings: ClusterEntrySettings, namespace: str, read: Read) -> dict[str, Any]:
    """Return the Secret of a cluster. What the stack file says wins over what was read."""
    fields = {
        "name": name,
        "server": settings.server,
        "config": json.dumps(_cluster_config(settings, read), sort_keys=True),
        "namespaces": ",".join(settings.namespaces or []) or None,
        "clusterResources": settings.cluster_resources,
        "project": settings.project,
        "shard": settings.shard,
    }
    data = {key: _text(value) for key, value in fields.items() if value is not None}
    secret = _secret(f"{_CLUSTER}{name}", namespace, "cluster", data)
    metadata = secret["metadata"]
    metadata["labels"] = {**settings.labels, **metadata["labels"]}
    if settings.annotations:
        metadata["annotations"] = dict(settings.annotations)
    return secret


def _secret(name: str, namespace: str, kind: str, data: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {SECRET_TYPE: kind}},
        "type": "Opaque",
        "stringData": dict(data),
    }


def _texts(settings: CredentialSettings, read: Read) -> dict[str, str]:
    return {**read, **{key: _text(value) for key, value in settings.said().items()}}


def _cluster_config(settings: ClusterEntrySettings, read: Read) -> dict[str, Any]:
    login = {**read, **{key: _text(value) for key, value in settings.said().items()}}
    tls = {
        "insecure": settings.insecure,
        "serverName": settings.server_name,
        **{key: pem_base64(login.pop(key)) for key in _IN_TLS if key in login},
    }
    fields = {
        **login,
        "execProviderConfig": _dumped(settings.exec_provider),
        "awsAuthConfig": _dumped(settings.aws_auth),
        "proxyUrl": settings.proxy_url,
        "disableCompression": settings.disable_compression,
        "tlsClientConfig": {key: value for key, value in tls.items() if value is not None},
    }
    return {key: value for key, value in fields.items() if value is not None}


def _dumped(section: Section | None) -> dict[str, Any] | None:
    return section.model_dump(by_alias=True, exclude_none=True) if section else None


def _text(value: object) -> str:
    """Return a value as it stands in a Secret, where everything is text."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
