"""The Secrets by which Argo CD knows repositories and clusters, all together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.access.clusters import ClusterEntrySettings
from components.access.credentials import Read
from components.access.repositories import CredentialTemplateSettings, RepositorySettings
from components.cluster.existing_secret import ExistingSecretSettings

Entry = CredentialTemplateSettings | RepositorySettings | ClusterEntrySettings

Reader = Callable[[ExistingSecretSettings, Sequence[str]], Read]
"""Takes from an existing Secret what its settings name of the given keys of Argo CD."""


@dataclass(frozen=True)
class Credentials:
    """The entries that become Secrets, and what they are made with."""

    templates: Mapping[str, CredentialTemplateSettings]
    repositories: Mapping[str, RepositorySettings]
    clusters: Mapping[str, ClusterEntrySettings]
    hosts: Mapping[str, str]
    """The address of a Git server → the name that stands for it."""
    namespace: str
    """Argo CD's."""

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """Yield section, key and entry of each."""
        sections: Mapping[str, Mapping[str, Entry]] = {
            "credentialTemplates": self.templates,
            "repositories": self.repositories,
            "clusters": {name: entry for name, entry in self.clusters.items() if entry.declare},
        }
        for section, entries in sections.items():
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

    `reader` is called only for entries that name an existing Secret.
    """

    def read(entry: Entry) -> Read:
        return reader(entry.existing_secret, entry.login_keys) if entry.existing_secret else {}

    return [
        entry.secret(name, credentials.namespace, read(entry), credentials.hosts)
        for _, name, entry in credentials.entries()
    ]


def foreign_credentials(credentials: Credentials) -> dict[str, str]:
    """Return the name of each Secret that is filled from an existing one → `namespace/name` of that one."""
    return {
        f"{entry.name_prefix}{name}": f"{existing.namespace or credentials.namespace}/{existing.name}"
        for _, name, entry in credentials.entries()
        if (existing := entry.existing_secret)
    }


def secret_entries(credentials: Credentials) -> dict[str, tuple[tuple[str, str], Entry]]:
    """Return the name of each Secret → the entry that makes it: its place in the stack file, and itself."""
    return {
        f"{entry.name_prefix}{name}": ((section, name), entry)
        for section, name, entry in credentials.entries()
    }
