"""What Argo CD says of an Application in its `status`. Source: Argo CD v3.1.9, `v1alpha1/types.go`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REFRESH = "argocd.argoproj.io/refresh"
"""The annotation that asks Argo CD to look at an Application; it takes it away with what it then writes."""

_ERRORS = ("InvalidSpecError", "ComparisonError", "UnknownError", "SyncError")
"""The types of the conditions that are errors. Of a spec that it refuses Argo CD compares nothing, and leaves
an earlier comparison's error as it was: so the spec's comes first."""
_FAILED = ("Failed", "Error")
_SHORT = 7


@dataclass(frozen=True)
class ApplicationStatus:
    """One Application as Argo CD sees it."""

    name: str
    namespace: str = ""
    sync: str = "Unknown"
    health: str = "Unknown"
    revision: str = ""
    """The commit, or the chart's version, that was compared last; of several sources the first."""
    deployed: str = ""
    """When this revision was synchronised; "" if it never was."""
    since: str = ""
    """When it came to be so, as Kubernetes writes times."""
    errors: tuple[tuple[str, str], ...] = ()
    """Type and message of each condition that is an error."""
    operation: str = ""
    """What has become of the last synchronisation, such as `Succeeded`; "" if there was none."""
    operation_says: str = ""
    operation_revision: str = ""
    operation_began: str = ""
    refreshing: bool = False
    """Whether Argo CD has been asked to look at it, and has not done so yet."""
    looked_at: bool = False
    """Whether Argo CD has ever looked at it."""

    @property
    def short_revision(self) -> str:
        """The commit as people write it; the version of a chart stays whole."""
        is_commit = len(self.revision) == 40 and not set(self.revision) - set("0123456789abcdef")  # noqa: PLR2004 - SHA-1
        return self.revision[:_SHORT] if is_commit else self.revision

    @property
    def sync_failed(self) -> bool:
        """Whether the last synchronisation has failed, and was of what is compared now."""
        return self.operation in _FAILED and self.operation_revision in {"", self.revision}

    @property
    def last_error(self) -> str:
        """What is wrong, in Argo CD's own words; "" if nothing is."""
        if self.errors:
            return self.errors[0][1]
        return self.operation_says if self.sync_failed else ""

    @property
    def degraded(self) -> bool:
        """Whether somebody has to look at it: an error, or a workload that does not work."""
        is_missing = self.health == "Missing" and self.sync == "Synced"  # before a first sync all is missing
        return bool(self.last_error) or self.health == "Degraded" or is_missing

    @property
    def cannot_compare(self) -> str:
        """Why Argo CD cannot compare it, in its own words; "" if it can."""
        return next((text for kind, text in self.errors if kind != "SyncError"), "")

    def failure(self, until: str) -> str:
        """Return what ends the waiting until it is `compared`, `synced` or `healthy`; "" if nothing does."""
        if self.cannot_compare or until == "compared":
            return self.cannot_compare
        return self.last_error

    def has_reached(self, until: str) -> bool:
        """Tell whether it is `compared`, `synced` or `healthy`."""
        if until == "compared":
            return self.looked_at and not self.cannot_compare
        is_synced = self.sync == "Synced" and self.operation != "Running"
        return is_synced and (until == "synced" or self.health == "Healthy")

    def __str__(self) -> str:
        at = f", {self.short_revision}" if self.short_revision else ""
        return f"{self.sync} {self.health}{at}"


def application_status(application: Mapping[str, Any]) -> ApplicationStatus:
    """Return what Argo CD says of an Application, as the API server has it."""
    metadata, status = application["metadata"], _mapping(application.get("status"))
    sync, health = _mapping(status.get("sync")), _mapping(status.get("health"))
    operation = _mapping(status.get("operationState"))
    result = _mapping(operation.get("syncResult"))
    errors = [found for found in status.get("conditions") or [] if found.get("type") in _ERRORS]
    errors.sort(key=lambda error: _ERRORS.index(error["type"]))
    moments = [str(error.get("lastTransitionTime") or "") for error in errors]
    revision = _first(sync)
    deployed = [each for each in status.get("history") or [] if revision and _first(each) == revision]
    since = min(filter(None, moments), default="") or health.get("lastTransitionTime")
    return ApplicationStatus(
        name=metadata["name"],
        namespace=metadata.get("namespace", ""),
        sync=sync.get("status") or "Unknown",
        health=health.get("status") or "Unknown",
        revision=revision,
        deployed=str(deployed[-1].get("deployedAt") or "") if deployed else "",
        since=str(since or operation.get("finishedAt") or status.get("reconciledAt") or ""),
        errors=tuple((error["type"], str(error.get("message", ""))) for error in errors),
        operation="Running" if application.get("operation") else str(operation.get("phase") or ""),
        operation_says=str(operation.get("message") or ""),
        operation_revision=_first(result),
        operation_began=str(operation.get("startedAt") or ""),
        refreshing=REFRESH in (metadata.get("annotations") or {}),
        looked_at=bool(status.get("reconciledAt") or errors),
    )


def _first(found: Mapping[str, Any]) -> str:
    several = found.get("revisions") or []
    return str(found.get("revision") or (several[0] if several else ""))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
