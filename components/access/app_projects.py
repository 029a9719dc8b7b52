"""The `appProjects` section: what the projects that belong together may use.

Field names are Argo CD's own. Source: AppProject CRD of Argo CD v3.4.4.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from components.argocd.crds import CRDS, for_people
from components.argocd.schedules import Duration, Schedule, TimeZone
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.forms import Form
from components.stackfile.object_names import OBJECT_NAME, ObjectName
from components.stackfile.problems import Problem

DEFAULT = "default"
"""The AppProject that Argo CD makes itself."""


_KEY = Form(
    rf"(?!default$){OBJECT_NAME}",
    "default is Argo CD's own AppProject",
    "argocd-server makes it at its first start, so that the two would race for it",
    "take the entry out, or give the AppProject another name; projects belong to default anyway unless they "
    "name another one",
)
AppProjectName = Annotated[ObjectName, _KEY]
"""A key of the `appProjects` section."""


class PermittedDestinationSettings(Section):
    """A cluster and the namespaces in it. `*` stands for any text, a leading `!` for all but what follows."""

    cluster: str | None = Field(default=None, min_length=1, examples=["edge"])
    """The cluster's name: a key of the `clusters` section, or `in-cluster`, which is the default."""
    server: str | None = Field(default=None, min_length=1, examples=["https://10.0.0.5:6443"])
    """The API server's URL, in place of `cluster`."""
    namespace: str = Field(min_length=1, examples=["shop-*"])
    """The namespace. Whoever may deploy to Argo CD's own namespace is Argo CD's administrator."""

    @model_validator(mode="after")
    def _one_cluster(self) -> Self:
        if self.cluster and self.server:
            raise mistake(
                "cluster and server are set together",
                "each permits a cluster of its own, so that more would be permitted than it seems",
                "take server out, or write two destinations",
            )
        return self


_SPEC: dict[str, Any] = {key: for_people(value) for key, value in CRDS["AppProject"]["properties"].items()}
ClusterKinds = Annotated[list[dict[str, Any]], WithJsonSchema(_SPEC["clusterResourceWhitelist"])]
Kinds = Annotated[list[dict[str, Any]], WithJsonSchema(_SPEC["namespaceResourceWhitelist"])]
OrphanedResources = Annotated[dict[str, Any], WithJsonSchema(_SPEC["orphanedResources"])]


class RoleSettings(Section):
    """A role within the AppProject."""

    name: str = Field(pattern=r"^[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$", examples=["developer"])
    """The role's name."""
    description: str | None = None
    """What it is for."""
    policies: list[str] | None = Field(
        default=None, examples=[["p, proj:shop:developer, applications, sync, shop/*, allow"]]
    )
    """What it may do: lines `p, proj:<AppProject>:<role>, <resource>, <action>, <AppProject>/<application>,
    allow|deny`."""
    groups: list[str] | None = Field(default=None, examples=[["protobox1/developers"]])
    """The groups of the single sign-on whose members have the role."""


class SyncWindowSettings(Section):
    """A time at which synchronising is allowed, or denied."""

    kind: Literal["allow", "deny"]
    """Whether synchronising is allowed in the window, and else denied, or the other way round."""
    schedule: Schedule = Field(examples=["0 22 * * 1-5"])
    """When the window begins, as five cron fields: minute, hour, day of the month, month, day of the week."""
    duration: Duration = Field(examples=["1h30m"])
    """How long it lasts."""
    time_zone: TimeZone | None = Field(default=None, examples=["Europe/Paris"])
    """The time zone of the schedule; UTC by default."""
    applications: list[str] | None = Field(default=None, examples=[["*"]])
    """The Applications that it holds for; `*` stands for any text."""
    namespaces: list[str] | None = None
    """The destination namespaces that it holds for."""
    clusters: list[str] | None = None
    """The destination clusters that it holds for, by name."""
    and_operator: bool | None = None
    """Applications, namespaces and clusters have to match all together; one is enough by default."""
    manual_sync: bool | None = None
    """Allow synchronising by hand although the window denies it."""
    description: str | None = Field(default=None, max_length=255)
    """What the window is for."""

    @model_validator(mode="after")
    def _holds_for_something(self) -> Self:
        if not (self.applications or self.namespaces or self.clusters):
            raise mistake(
                "the window names no applications, namespaces or clusters",
                "it would hold for nothing",
                'add them, for example applications: ["*"]',
            )
        return self


class SignatureKeySettings(Section):
    """A GnuPG key."""

    key_id: str = Field(alias="keyID", pattern=r"^[0-9A-Fa-f]{16,40}$", examples=["4AEE18F83AFDEB23"])
    """The key's id, as Argo CD lists it."""


class DestinationServiceAccountSettings(Section):
    """The ServiceAccount by which Argo CD synchronises to a destination (impersonation)."""

    server: str = Field(min_length=1, examples=["https://kubernetes.default.svc"])
    """The API server's URL; `*` stands for any text."""
    namespace: str | None = None
    """The namespace; `*` stands for any text."""
    default_service_account: str = Field(
        pattern=r"^[^!*\[\]{}\\/\s]+(:[^!*\[\]{}\\/\s]+)?$", examples=["deployer"]
    )
    """The ServiceAccount, as `name` or `namespace:name`."""


class AppProjectSettings(Section):
    """One AppProject: the limits of the projects that name it as their `appProject`."""

    declare: bool = True
    """Write `false` for an AppProject that somebody else declares: this stack then only refers to it."""
    description: str | None = Field(default=None, max_length=255)
    """What it is for."""
    source_repos: list[str] | None = Field(default=None, examples=[["http://git.protobox/gitlab/shop/*"]])
    """The repositories that its projects may use; `*` stands for any text without `/`, `**` for any text, a
    leading `!` for all but what follows. A raw IP becomes a name by `git.hosts`. Those of its projects by
    default, so that nothing more is permitted than is needed."""
    destinations: list[PermittedDestinationSettings] | None = Field(
        default=None, examples=[[{"cluster": "edge", "namespace": "shop-*"}]]
    )
    """Where its projects may deploy to. Where they do by default; for one that names no namespace, that is
    any namespace of its cluster but Argo CD's own."""
    source_namespaces: list[str] | None = None
    """The namespaces besides Argo CD's own in which its Applications may be."""
    cluster_resource_whitelist: ClusterKinds | None = Field(
        default=None, examples=[[{"group": "", "kind": "Namespace"}]]
    )
    """The kinds without namespace that may be created, each with `group` ("" is the core group, `*` are all),
    `kind` and perhaps `name`; none by default. `CreateNamespace=true` needs none."""
    cluster_resource_blacklist: ClusterKinds | None = None
    """The kinds without namespace that may not be created."""
    namespace_resource_whitelist: Kinds | None = None
    """The kinds in namespaces that may be created; all by default."""
    namespace_resource_blacklist: Kinds | None = None
    """The kinds in namespaces that may not be created."""
    orphaned_resources: OrphanedResources | None = None
    """Look for objects that belong to no Application; `{}` switches it on. `warn` shows a warning on each
    Application for them, `ignore` lists objects to leave out."""
    roles: list[RoleSettings] | None = None
    """Roles within the AppProject. Tokens of roles are Argo CD's own to make (`argocd proj role
    create-token`)."""
    sync_windows: list[SyncWindowSettings] | None = None
    """Times at which synchronising is allowed or denied."""
    signature_keys: list[SignatureKeySettings] | None = None
    """The keys that commits must be signed with."""
    permit_only_project_scoped_clusters: bool | None = None
    """Permit only clusters whose entry names this AppProject as its `project`."""
    destination_service_accounts: list[DestinationServiceAccountSettings] | None = None
    """The ServiceAccounts by which Argo CD synchronises, if impersonation is on."""
    labels: dict[str, str] = Field(default_factory=dict)
    """The AppProject's labels."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """The AppProject's annotations, also for notifications of all its Applications."""
    adopt: bool = False
    """Take over an AppProject of this name that is already in the cluster: it is not deleted, and what is
    said here is written into it."""
    drop: list[str] = Field(default_factory=list, examples=[["spec.sourceRepos"]])
    """What the adoption may change or drop of the AppProject that is there, by the paths in it, with all
    below them. Nothing by default: it stops."""
    spec: dict[str, Any] = Field(default_factory=dict)
    """Raw fields for the AppProject's `spec`, merged last and deeply: for what has no key here."""

    @model_validator(mode="after")
    def _nothing_is_lost(self) -> Self:
        unused = sorted(self.model_fields_set - {"declare"}) if not self.declare else []
        if unused:
            keys = [type(self).model_fields[name].alias or name for name in unused]
            problems = [
                Problem(
                    (key,),
                    f"{key} is set for an AppProject that this stack does not declare",
                    "it would be written nowhere",
                    f"take out {key}:, or declare: false",
                )
                for key in keys
            ]
            raise mistakes(problems)
        return self
