"""Where an Application's manifests come from, and how Argo CD renders them.

Field names below `kustomize`, `helm`, `directory` and `plugin` are Argo CD's own (Application CRD, v3.4.4);
newer ones go into the project's raw `spec`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from components.settings.base import Section, mistake, mistakes
from components.settings.folders import Folder
from components.settings.problems import Problem
from components.settings.urls import RepositoryUrl


class ReplicaCountSettings(Section):
    """A replica count that kustomize sets."""

    name: str = Field(min_length=1, examples=["docserver"])
    """The name of the Deployment or StatefulSet."""
    count: int | str = Field(examples=[2])
    """How many replicas."""


class KustomizeSettings(Section):
    """Overrides for a folder with a kustomization."""

    version: str | None = None
    """The kustomize version, one that is registered in Argo CD."""
    name_prefix: str | None = None
    """Put before the names of all objects."""
    name_suffix: str | None = None
    """Put behind the names of all objects."""
    namespace: str | None = None
    """The namespace that kustomize sets on all objects."""
    images: list[str] | None = Field(default=None, examples=[["registry.protobox/docserver:1.4"]])
    """Image overrides, `[old=]image:tag` or `image@digest`."""
    replicas: list[ReplicaCountSettings] | None = None
    """Replica counts by name."""
    components: list[str] | None = None
    """Kustomize components to add, as paths."""
    ignore_missing_components: bool | None = None
    """Go on when a component's folder is not there."""
    patches: list[dict[str, Any]] | None = None
    """Patches, each with `patch` or `path`, and a `target`."""
    common_labels: dict[str, str] | None = None
    """Labels for all objects."""
    common_annotations: dict[str, str] | None = None
    """Annotations for all objects."""
    common_annotations_envsubst: bool | None = None
    """Replace variables such as `${ARGOCD_APP_REVISION}` in the common annotations."""
    force_common_labels: bool | None = None
    """Let the common labels win over the objects' own."""
    force_common_annotations: bool | None = None
    """Let the common annotations win over the objects' own."""
    label_without_selector: bool | None = None
    """Leave selectors without the common labels."""
    label_include_templates: bool | None = None
    """Put the common labels on pod templates too."""
    kube_version: str | None = None
    """The Kubernetes version to render for; the cluster's by default."""
    api_versions: list[str] | None = None
    """The API versions to render for; the cluster's by default."""


class HelmParameterSettings(Section):
    """One `--set` of Helm."""

    name: str = Field(min_length=1, examples=["image.tag"])
    """The value's path."""
    value: str
    """The value, as text."""
    force_string: bool | None = None
    """Keep it text, even when it looks like a number."""


class HelmFileParameterSettings(Section):
    """One `--set-file` of Helm."""

    name: str = Field(min_length=1)
    """The value's path."""
    path: str = Field(min_length=1)
    """The file in the repository."""


class HelmSettings(Section):
    """Overrides for a Helm chart."""

    release_name: str | None = None
    """The release's name; the Application's by default."""
    value_files: list[str] | None = Field(default=None, examples=[["values-production.yaml"]])
    """Values files in the repository, the last one winning; `$ref/…` names those of another source."""
    values: str | None = None
    """Values, as YAML in a text."""
    values_object: dict[str, Any] | None = None
    """Values, as a mapping. It wins over `values`."""
    parameters: list[HelmParameterSettings] | None = None
    """Single values; they win over everything else."""
    file_parameters: list[HelmFileParameterSettings] | None = None
    """Single values that are read from files."""
    ignore_missing_value_files: bool | None = None
    """Go on when a values file is not there."""
    pass_credentials: bool | None = None
    """Send the repository's credentials to other hosts too."""
    skip_crds: bool | None = None
    """Leave out the chart's `crds/` folder."""
    skip_schema_validation: bool | None = None
    """Do not hold the values against the chart's schema."""
    skip_tests: bool | None = None
    """Leave out the chart's test hooks."""
    version: Literal["v3"] | None = None
    """The Helm version that renders."""
    namespace: str | None = None
    """The namespace to render for; the destination's by default."""
    kube_version: str | None = None
    """The Kubernetes version to render for; the cluster's by default."""
    api_versions: list[str] | None = None
    """The API versions to render for; the cluster's by default."""


class JsonnetSettings(Section):
    """Arguments for Jsonnet files."""

    ext_vars: list[dict[str, Any]] | None = None
    """External variables: `name`, `value`, `code`."""
    tlas: list[dict[str, Any]] | None = None
    """Top-level arguments: `name`, `value`, `code`."""
    libs: list[str] | None = None
    """Library folders."""


class DirectorySettings(Section):
    """How a folder of plain manifests is read."""

    recurse: bool | None = None
    """Read the folders below it too."""
    include: str | None = Field(default=None, examples=["*.yaml"])
    """Read only files that match."""
    exclude: str | None = Field(default=None, examples=["config.yaml"])
    """Leave out files that match."""
    jsonnet: JsonnetSettings | None = None
    """Arguments for Jsonnet files in it."""


class PluginSettings(Section):
    """A config management plugin."""

    name: str | None = None
    """The plugin's name; without it Argo CD finds out which one fits."""
    env: list[dict[str, str]] | None = None
    """Environment variables: `name`, `value`."""
    parameters: list[dict[str, Any]] | None = None
    """Parameters: `name` with `string`, `array` or `map`."""


_TOOLS = ("kustomize", "helm", "directory", "plugin")


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
    kustomize: KustomizeSettings | None = None
    """Overrides for kustomize."""
    helm: HelmSettings | None = None
    """Overrides for Helm."""
    directory: DirectorySettings | None = None
    """How a folder of plain manifests is read."""
    plugin: PluginSettings | None = None
    """A config management plugin that renders the manifests."""

    @model_validator(mode="after")
    def _one_tool(self) -> Self:
        named = [name for name in _TOOLS if getattr(self, name) is not None]
        if len(named) > 1:
            raise mistake(
                f"{' and '.join(named)} are set together",
                "Argo CD renders a source with one tool and refuses the Application otherwise",
                f"take {named[1]} out, or {named[0]}",
            )
        if self.chart and self.path:
            raise mistake(
                "chart and path are set together",
                "a source is either a chart of a Helm repository or a folder of a Git repository",
                "take path out, or chart",
            )
        return self

    def tools(self) -> dict[str, Any]:
        """Return the overrides by tool, as they stand in an Application's source."""
        return {
            name: tool.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
            for name in _TOOLS
            if (tool := getattr(self, name)) is not None
        }


def chart_problems(chart: str, repository: str | None, revisions: Collection[str | None]) -> list[Problem]:
    """Return what a chart lacks: what the `git` section has for all projects is a branch and a Git server.

    Args:
        chart: the chart's name.
        repository: the repository that is said for it.
        revisions: the revisions that are said for it: one, or one for each destination.
    """
    problems = []
    if not all(revisions):
        some = " for some of the destinations" if any(revisions) else ""
        problems.append(
            Problem(
                ("chart",),
                f"the chart {chart!r} has no version{some}",
                "Argo CD would look for a version named like a branch",
                "add revision: with the chart's version, for example revision: 1.2.3",
            )
        )
    if not repository:
        problems.append(
            Problem(
                ("chart",),
                f"the chart {chart!r} has no repository",
                "Argo CD would look for it in the project's Git repository, which has no charts to offer",
                "add repository: with that of the chart, for example repository: https://charts.protobox/stable",
            )
        )
    return problems


class SourceSettings(Rendering):
    """One of several sources."""

    repository: RepositoryUrl | None = Field(
        default=None, examples=["http://git.protobox/gitlab/protobox1/values.git"]
    )
    """The repository's URL; the project's own by default."""
    ref: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$", examples=["values"])
    """The name by which other sources' `valueFiles` mean this one (`$values/…`). Without `path` or
    `chart`, such a source brings files only."""
    name: str | None = Field(default=None, min_length=1)
    """The source's name in Argo CD's commands and pages."""

    @model_validator(mode="after")
    def _a_chart_has_its_own(self) -> Self:
        if self.chart and (lacking := chart_problems(self.chart, self.repository, [self.revision])):
            raise mistakes(lacking)
        return self
