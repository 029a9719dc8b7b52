"""The `projects` and `defaults` sections: each project becomes one Application, or one per destination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from components.projects.crd import CRDS, for_people
from components.stackfile.base import Section, mistake
from components.stackfile.forms import Form
from components.stackfile.merging import deep_merge
from components.stackfile.urls import Folder, RepositoryUrl

IN_CLUSTER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"
"""What Argo CD itself calls the cluster that it runs in."""

TOOLS = ("kustomize", "helm", "directory", "plugin")
_OF_ONE_SOURCE = ("repository", "chart", "path", *TOOLS)
_EXCLUSIVE = (frozenset(TOOLS), frozenset({"path", "chart"}))
"""Keys of which a source has one at most."""
_OF_A_CLUSTER = frozenset({"server", "name"})
_SPEC: dict[str, Any] = CRDS["Application"]["properties"]
_SOURCE: dict[str, Any] = _SPEC["source"]["properties"]
Kustomize = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["kustomize"]))]
Helm = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["helm"]))]
Directory = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["directory"]))]
Plugin = Annotated[dict[str, Any], WithJsonSchema(for_people(_SOURCE["plugin"]))]
CREATE_NAMESPACE = "CreateNamespace=true"
_SUBSCRIPTION = Form(
    r"(?=.{1,53}$)(?!on-[^.]*$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?",
    "{} is not <trigger>.<service>",
    "it becomes part of an annotation's name, and Kubernetes would refuse it",
    "write for example on-sync-failed.email",
)
"""What may follow in an annotation's name, which has at most 63 characters behind its prefix."""


def require_service(key: str) -> str:
    """Return `key`, if it is not only a trigger, but names a service to tell, too.

    Source: notifications-engine, `pkg/subscriptions/annotations.go`: a key without a dot is a service, which
    is told by Argo CD's default triggers.
    """
    if key.startswith("on-") and "." not in key:
        raise mistake(
            f"{key!r} names no service",
            "Argo CD would look for a service of that name, and tell nobody",
            f"write for example {key}.email",
        )
    return key


Subscription = Annotated[str, AfterValidator(require_service), _SUBSCRIPTION]


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


class DestinationSettings(Section):
    """Where a project's objects are created."""

    server: str | None = Field(default=None, min_length=1, examples=[IN_CLUSTER])
    """The API server's URL as Argo CD knows it; the cluster of Argo CD itself by default."""
    name: str | None = Field(default=None, min_length=1, examples=["production"])
    """The cluster's name: a key of the `clusters` section, or `in-cluster`."""
    namespace: str | None = Field(default=None, examples=["docserver"])
    """The namespace for objects that name none themselves."""


class NamedDestinationSettings(DestinationSettings):
    """One of several destinations. Without `server` and `name`, its key is the cluster's name."""

    revision: str | None = Field(default=None, min_length=1, examples=["main"])
    """The branch, tag or commit for this destination; the project's by default."""
    path: Folder | None = Field(default=None, examples=["deploy/edge"])
    """The folder for this destination; the project's by default."""


Cascade = Literal["none", "foreground", "background"]
Wait = Literal["none", "compared", "synced", "healthy"]


class ProjectDefaults(Rendering):
    """What may be said for all projects at once. A project that says the same for itself wins."""

    app_project: str = Field(default="default", min_length=1, examples=["shop"])
    """The AppProject that the Application belongs to: a key of the `appProjects` section, or `default`."""
    destination: DestinationSettings = Field(default_factory=DestinationSettings)
    """The cluster and namespace to deploy to; the cluster of Argo CD itself by default."""
    sync_policy: Annotated[dict[str, Any], WithJsonSchema(for_people(_SPEC["syncPolicy"]))] = Field(
        default_factory=dict, examples=[{"automated": {"prune": True, "selfHeal": True}}]
    )
    """How Argo CD synchronises the project, in its own words: `automated`, `syncOptions`, `retry`,
    `managedNamespaceMetadata`. By hand by default, with the sync option `CreateNamespace=true`."""
    ignore_differences: (
        Annotated[list[dict[str, Any]], WithJsonSchema(for_people(_SPEC["ignoreDifferences"]))] | None
    ) = Field(default=None, examples=[[{"kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]])
    """Differences between Git and the cluster that Argo CD leaves alone, in its own words."""
    info: Annotated[list[dict[str, Any]], WithJsonSchema(for_people(_SPEC["info"]))] | None = Field(
        default=None, examples=[[{"name": "Team", "value": "docs@protobox"}]]
    )
    """Lines on the Application's page in Argo CD; a URL becomes a link."""
    labels: dict[str, str] = Field(default_factory=dict, examples=[{"team": "docs"}])
    """The Application's labels."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """The Application's annotations."""
    notifications: dict[Subscription, str] = Field(
        default_factory=dict, examples=[{"on-sync-failed.email": "docs@protobox"}]
    )
    """Who is told: `<trigger>.<service>` → recipients, with `;` between several. A service alone is told by
    Argo CD's default triggers."""
    revision_history_limit: int | None = Field(default=None, ge=0, examples=[10])
    """How many earlier revisions Argo CD remembers for a rollback; 10 by default."""
    cascade: Cascade = "none"
    """What happens to the project's objects when the project is taken out of the stack: `none` leaves them
    as they are; `foreground` and `background` let Argo CD delete them, by Kubernetes' propagation policy of
    that name. What has been adopted stays, whatever is said here. A file of `manifests` may have such a
    finalizer itself; it stays as it is, unless `cascade` is said in `defaults`."""
    protect: bool = False
    """Let Pulumi refuse to delete the Application, until this is `false` again and `up` has run."""
    adopt: bool = False
    """Take over an Application of this name that is already in the cluster. It stays there when it is taken
    out of the stack, and after `destroy`, also when `adopt` is no longer said by then."""
    drop: list[str] = Field(default_factory=list, examples=[["metadata.labels", "spec.syncPolicy.automated"]])
    """What the adoption may change or drop of the Application that is there, by the paths in it, with
    everything below them. Nothing by default: it stops."""
    wait: Wait = "compared"
    """How far Argo CD has to come with the project before `up` ends, when the Application has changed:
    `none`; `compared` with Git, so that what it cannot clone or render fails `up` in its own words;
    `synced`; or `healthy`, too. The last two need `syncPolicy.automated`."""
    wait_seconds: int = Field(default=300, ge=1, le=3600)
    """How long to wait for that, in seconds."""
    spec: dict[str, Any] = Field(default_factory=dict)
    """Raw fields for the Application's `spec`, merged last and deeply: for what has no key here."""

    @property
    def says_cascade(self) -> bool:
        """Whether `cascade` is said, so that a file's own finalizer does not count."""
        return "cascade" in self.model_fields_set


class ProjectSettings(ProjectDefaults):
    """One project. `{}` takes everything from the `git` section."""

    application: str | None = Field(default=None, min_length=1, examples=["argo-docserver"])
    """The Application's name; `argo-<project>` by default."""
    repository: RepositoryUrl | None = Field(
        default=None, examples=["http://git.protobox/gitlab/protobox1/docserver.git"]
    )
    """The repository's URL; `<baseUrl>/<group>/<project>.git` by default."""
    sources: list[SourceSettings] | None = Field(default=None, min_length=1)
    """Several sources, in place of one repository, revision and path."""
    destinations: dict[str, NamedDestinationSettings] | None = Field(
        default=None, min_length=1, examples=[{"edge": {"namespace": "docserver"}}]
    )
    """Several destinations: one Application each, named `<application>-<key>`."""

    @model_validator(mode="after")
    def _one_place_for_each_thing(self) -> Self:
        both = [name for name in _OF_ONE_SOURCE if self.sources and name in self.model_fields_set]
        if both and self.sources:
            raise mistake(
                f"sources and {' and '.join(both)} are set together",
                "Argo CD ignores the single source of an Application that has several",
                f"take {both[0]} out, or move it into one of the sources",
            )
        if self.destinations and (self.destination.server or self.destination.name):
            raise mistake(
                "destination names a cluster beside destinations",
                "nobody can tell whether that cluster is meant too",
                "make it one more key of destinations",
            )
        return self


def over_defaults(defaults: Mapping[str, Any], project: Any) -> Any:
    """Return what a project says, with `defaults` where it is silent; mappings are merged key by key.

    Where two keys exclude each other (`server` and `name`, `path` and `chart`, two tools), one of the
    project's own takes the place of both. `project:` with nothing behind it is read as `project: {}`; what
    else is no mapping is returned as it is.
    """
    if project is None:
        project = {}
    if not isinstance(project, Mapping):
        return project
    kept = {key: value for key, value in defaults.items() if key not in _replaced(project)}
    destination = project.get("destination")
    names_cluster = isinstance(destination, Mapping) and not _OF_A_CLUSTER.isdisjoint(destination)
    if names_cluster or project.get("destinations"):
        common = kept.get("destination", {})
        kept["destination"] = {key: value for key, value in common.items() if key not in _OF_A_CLUSTER}
    return deep_merge(kept, project)


def _replaced(project: Mapping[str, Any]) -> frozenset[str]:
    """Return the defaults that what the project says leaves no place for."""
    if project.get("sources"):
        return frozenset().union(*_EXCLUSIVE)
    return frozenset(key for keys in _EXCLUSIVE if keys & project.keys() for key in keys - project.keys())
