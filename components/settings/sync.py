"""How Argo CD synchronises a project. Source: Argo CD docs user-guide/{auto_sync,sync-options}.md."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Section
from components.settings.schedules import Pause

CREATE_NAMESPACE = "CreateNamespace=true"


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


class BackoffSettings(Section):
    """The pause between two attempts."""

    duration: Pause | None = Field(default=None, examples=["5s"])
    """The first pause, as a number with `s`, `m` or `h`."""
    factor: int | None = Field(default=None, ge=1, examples=[2])
    """What each pause is multiplied by to give the next one."""
    max_duration: Pause | None = Field(default=None, examples=["3m"])
    """The longest pause."""


class RetrySettings(Section):
    """What happens after a synchronisation that failed."""

    limit: int | None = Field(default=None, examples=[5])
    """How many attempts follow; 0 for none, less than 0 for no limit."""
    refresh: bool | None = None
    """Take the newest revision for the next attempt."""
    backoff: BackoffSettings | None = None
    """The pause between two attempts."""


class NamespaceMetadataSettings(Section):
    """Labels and annotations for the namespace that `CreateNamespace=true` makes."""

    labels: dict[str, str] | None = Field(default=None, examples=[{"team": "docs"}])
    """The namespace's labels."""
    annotations: dict[str, str] | None = None
    """The namespace's annotations."""


class SyncPolicySettings(Section):
    """How Argo CD synchronises a project."""

    automated: AutomatedSettings | None = None
    """Synchronise without being asked; absent means by hand."""
    sync_options: list[str] = Field(default_factory=lambda: [CREATE_NAMESPACE])
    """Argo CD's sync options."""
    retry: RetrySettings | None = None
    """What happens after a synchronisation that failed."""
    managed_namespace_metadata: NamespaceMetadataSettings | None = None
    """Labels and annotations for the namespace; needs the sync option `CreateNamespace=true`."""
