"""Where an Application's manifests come from, and how Argo CD renders them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema, model_validator

from components.argocd.crds import CRDS, for_people
from components.stackfile.base import Section, mistake
from components.stackfile.urls import Folder, RepositoryUrl

_SOURCE: dict[str, Any] = CRDS["Application"]["properties"]["source"]["properties"]
Kustomize = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["kustomize"]))]
Helm = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["helm"]))]
Directory = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["directory"]))]
Plugin = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["plugin"]))]
TOOLS = ("kustomize", "helm", "directory", "plugin")


class Rendering(Section):
    """What all sources have in common: a place in a repository, and how to render what is there."""

    revision: str | None = Field(default=None, min_length=1, examples=["main"])
    """The branch, tag or commit; that of the `git` section by default. For a chart its version, which has no
    default."""
    path: Folder | None = Field(default=None, examples=["deploy"])
    """The folder of the manifests; that of the `git` section by default."""
    chart: str | None = Field(default=None, min_length=1, examples=["docserver"])
    """The name of a chart, when the repository is a Helm or OCI repository. It needs a `repository` and a
    `revision` of its own."""
    kustomize: Kustomize | None = Field(
        default=None, examples=[{"images": ["registry.protobox/docserver:1.4"]}]
    )
    """Overrides for kustomize, in Argo CD's own words (`spec.source.kustomize` of an Application)."""
    helm: Helm | None = Field(default=None, examples=[{"valueFiles": ["values-production.yaml"]}])
    """Overrides for Helm, in Argo CD's own words: `valueFiles`, where `$ref/…` names a file of another
    source, `valuesObject`, `parameters`, `releaseName` and so on."""
    directory: Directory | None = Field(default=None, examples=[{"recurse": True}])
    """How a folder of plain manifests is read, in Argo CD's own words."""
    plugin: Plugin | None = Field(default=None, examples=[{"name": "sops"}])
    """A config management plugin that renders the manifests, in Argo CD's own words."""

    @model_validator(mode="after")
    def _a_chart_or_a_folder(self) -> Self:
        if self.chart and self.path:
            raise mistake(
                "chart and path are set together",
                "a source is either a chart of a Helm repository or a folder of a Git repository",
                "take path out, or chart",
            )
        return self

    def tools(self) -> dict[str, Any]:
        """Return the overrides by tool, as they stand in an Application's source."""
        return {name: tool for name in TOOLS if (tool := getattr(self, name)) is not None}


class SourceSettings(Rendering):
    """One of several sources."""

    repository: RepositoryUrl | None = Field(
        default=None, examples=["http://git.protobox/gitlab/protobox1/values.git"]
    )
    """The repository's URL; the project's own by default."""
    ref: str | None = Field(default=None, min_length=1, examples=["values"])
    """The name by which other sources' `valueFiles` mean this one (`$values/…`). Without `path` or
    `chart`, such a source brings files only."""
    name: str | None = Field(default=None, min_length=1)
    """The source's name in Argo CD's commands and pages."""
