"""The `projects` section: one entry per project, each of which becomes one Application."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from components.settings.base import Section, mistake
from components.settings.urls import require_repository_url

IN_CLUSTER = "https://kubernetes.default.svc"


class DestinationSettings(Section):
    """Where a project's objects are created."""

    server: str | None = Field(default=None, examples=[IN_CLUSTER])
    """The API server's URL as Argo CD knows it; the cluster of Argo CD itself by default."""
    name: str | None = Field(default=None, examples=["production"])
    """The cluster's name as Argo CD knows it, in place of `server`."""
    namespace: str | None = Field(default=None, examples=["docserver"])
    """The namespace for objects that name none themselves."""

    @model_validator(mode="after")
    def _one_cluster(self) -> Self:
        if self.server and self.name:
            raise mistake(
                "server and name are set together",
                "Argo CD refuses an Application whose destination is named twice",
                "keep one of them",
            )
        return self


class AutomatedSettings(Section):
    """Automatic synchronisation. Its presence switches it on; Argo CD's own default is manual."""

    enabled: bool | None = None
    """Write `false` to keep the other flags and still synchronise by hand."""
    prune: bool | None = None
    """Delete objects that are no longer in Git."""
    self_heal: bool | None = None
    """Undo changes that were made in the cluster by hand."""
    allow_empty: bool | None = None
    """Allow a revision without any manifest, which deletes everything."""


class SyncPolicySettings(Section):
    """How Argo CD synchronises a project."""

    automated: AutomatedSettings | None = None
    """Synchronise without being asked; absent means by hand."""
    sync_options: list[str] = Field(default_factory=lambda: ["CreateNamespace=true"])
    """Argo CD's sync options."""


class ProjectSettings(Section):
    """One project. `{}` takes everything from the `git` section."""

    application: str | None = Field(
        default=None, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253, examples=["argo-docserver"]
    )
    """The Application's name; `argo-<project>` by default."""
    repository: Annotated[str, AfterValidator(require_repository_url)] | None = Field(
        default=None, examples=["http://git.protobox/gitlab/protobox1/docserver.git"]
    )
    """The repository's URL; `<baseUrl>/<group>/<project>.git` by default."""
    revision: str | None = Field(default=None, min_length=1, examples=["main"])
    """The branch, tag or commit; that of the `git` section by default."""
    path: str | None = Field(default=None, min_length=1, examples=["deploy"])
    """The folder of the manifests; that of the `git` section by default."""
    app_project: str = Field(default="default", min_length=1)
    """The AppProject that the Application belongs to."""
    destination: DestinationSettings = Field(default_factory=lambda: DestinationSettings(server=IN_CLUSTER))
    """The cluster and namespace to deploy to."""
    sync_policy: SyncPolicySettings = Field(default_factory=SyncPolicySettings)
    """How Argo CD synchronises the project; by hand by default."""
