"""The `repositories` and `credentialTemplates` sections, and their Secrets: private repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from components.access.credentials import CredentialSettings, Read
from components.stackfile.forms import Form
from components.stackfile.object_names import OBJECT_NAME, ObjectName
from components.stackfile.problems import Problem

_KEY = Form(
    rf"(?!creds-){OBJECT_NAME}",
    "{} begins with creds-",
    "its Secret would be named like that of a credential template, argocd-repo-creds-…",
    "give the repository another key",
)
RepositoryKey = Annotated[ObjectName, _KEY]
"""A key of the `repositories` section."""


class CredentialTemplateSettings(CredentialSettings):
    """Credentials for all repositories whose URL begins alike.

    A template holds for a repository that has no credentials of its own; of several, the longest wins.
    """

    name_prefix: ClassVar[str] = "argocd-repo-creds-"
    secret_type: ClassVar[str] = "repo-creds"  # noqa: S105 - a label

    def _of_address(self) -> Iterator[Problem]:
        yield from super()._of_address()
        if not self.url.endswith("/"):
            yield Problem(
                ("url",),
                f"{self.url!r} does not end in /",
                "Argo CD compares beginnings letter by letter, so that http://git.protobox would send the "
                "credentials to http://git.protobox.example too",
                f"write {self.url}/",
            )


class RepositorySettings(CredentialSettings):
    """A repository with credentials or options of its own."""

    name_prefix: ClassVar[str] = "argocd-repo-"
    secret_type: ClassVar[str] = "repository"  # noqa: S105 - a label

    project: str | None = Field(default=None, min_length=1, examples=["shop"])
    """The AppProject that alone may use it; all by default."""
    insecure: bool | None = None
    """Do not verify the server's certificate or SSH host key."""
    insecure_ignore_host_key: bool | None = None
    """Do not verify the server's SSH host key; Argo CD's older name for `insecure`."""
    enable_lfs: bool | None = None
    """Fetch large files by Git LFS."""

    def secret(self, name: str, namespace: str, read: Read, hosts: Mapping[str, str]) -> dict[str, Any]:
        """Return its Secret, as every entry does; with a name, and with a URL as Applications have it."""
        secret = super().secret(name, namespace, read, hosts)
        data = secret["stringData"]
        data |= {"name": name, "url": data["url"].rstrip("/")}
        return secret


def normal_url(url: str) -> str:
    """Return `url` as Argo CD compares it: lower case, without `.git` and a final slash, SSH in one form.

    Source: Argo CD v3.4.4, `util/git/git.go`, NormalizeGitURL.
    """
    normal = url.strip().lower()
    if "://" not in normal and "@" in normal:
        normal = normal.replace(":", "/", 1)
    return normal.removeprefix("ssh://").rstrip("/").removesuffix(".git")


def sends_password_in_clear(settings: CredentialSettings) -> bool:
    """Tell whether the credentials cross the network unencrypted."""
    existing = settings.existing_secret
    login = settings.password or settings.bearer_token or (existing and existing.may_give("password"))
    return bool(login) and settings.scheme == "http"
