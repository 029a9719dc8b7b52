"""The `argocd` section: the Helm chart, its version and its values."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from components.settings.base import Section, mistake

DEFAULT_REPOSITORY = "https://argoproj.github.io/argo-helm"
DEFAULT_VERSION = "10.1.1"


class ChartSettings(Section):
    """Where the Argo CD chart comes from. The default is argo-helm's chart repository."""

    version: str = Field(
        default=DEFAULT_VERSION, pattern=r"^v?\d+\.\d+\.\d+\S*$", examples=["10.1.1", "7.3.11"]
    )
    """The exact chart version, since a preview must not change by itself. 10.1.1 is Argo CD v3.4.4;
    for Kubernetes 1.25 use 7.3.11 (Argo CD v2.11.7)."""
    repository: str | None = Field(default=None, examples=[DEFAULT_REPOSITORY])
    """The chart repository's URL. The chart's name in it is `argo-cd`."""
    oci: str | None = Field(
        default=None, pattern=r"^oci://", examples=["oci://registry.protobox/charts/argo-cd"]
    )
    """An OCI reference, for a site that mirrors charts in its own registry."""
    path: str | None = Field(default=None, examples=["charts/argo-cd-10.1.1.tgz"])
    """A packaged chart or a chart folder, seen from the project's root, for a site without a mirror.
    `version` does not apply to it."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        named = [name for name in ("repository", "oci", "path") if getattr(self, name)]
        if len(named) > 1:
            raise mistake(
                f"{' and '.join(named)} are set together",
                "a chart comes from one place; with two, nobody can tell which one is installed",
                f"keep one of them, for example {named[0]}",
            )
        return self


class ArgoCDSettings(Section):
    """How Argo CD is installed."""

    namespace: str = Field(default="argocd", pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)
    """The namespace of Argo CD and of all Applications."""
    chart: ChartSettings = Field(default_factory=ChartSettings)
    """The Argo CD chart."""
    values: dict[str, Any] = Field(default_factory=dict)
    """Values for the chart, merged last and deeply over what this program sets itself."""
    timeout_seconds: int = Field(default=300, ge=1, le=3600)
    """How long to wait until Argo CD's workloads are ready, in seconds."""
