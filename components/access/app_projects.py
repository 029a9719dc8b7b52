"""The `appProjects` section, and the AppProjects that it becomes: what projects that belong together may use.

Field names are Argo CD's own. Source: AppProject CRD of Argo CD v3.4.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema, model_validator

from components.access.clusters import unused_keys
from components.access.sync_windows import SyncWindowSettings
from components.projects.application import API_VERSION, Application
from components.projects.crd import CRDS, for_people, without_nulls
from components.projects.section import IN_CLUSTER, IN_CLUSTER_NAME
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.forms import Form
from components.stackfile.merging import deep_merge
from components.stackfile.object_names import OBJECT_NAME, ObjectName
from components.stackfile.problems import PROJECT
from components.stackfile.urls import with_host_name

DEFAULT = "default"
"""The AppProject that Argo CD makes itself."""
AS_IN_THE_CRD = {
    "cluster_resource_whitelist",
    "cluster_resource_blacklist",
    "namespace_resource_whitelist",
    "namespace_resource_blacklist",
    "orphaned_resources",
    "signature_keys",
    "destination_service_accounts",
}
"""The fields whose values are the CRD's own."""
_NOT_IN_SPEC = {"declare", "adopt", "drop", "labels", "annotations", "spec", "source_repos", "destinations"}

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
SignatureKeys = Annotated[list[dict[str, Any]], WithJsonSchema(_SPEC["signatureKeys"])]
DestinationServiceAccounts = Annotated[
    list[dict[str, Any]], WithJsonSchema(_SPEC["destinationServiceAccounts"])
]
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
    signature_keys: SignatureKeys | None = Field(default=None, examples=[[{"keyID": "4AEE18F83AFDEB23"}]])
    """The GnuPG keys that commits must be signed with, by their ids, as Argo CD lists them."""
    permit_only_project_scoped_clusters: bool | None = None
    """Permit only clusters whose entry names this AppProject as its `project`."""
    destination_service_accounts: DestinationServiceAccounts | None = Field(
        default=None,
        examples=[[{"server": "*", "namespace": "shop", "defaultServiceAccount": "shop:deployer"}]],
    )
    """The ServiceAccounts by which Argo CD synchronises to a `server` and a `namespace` (`*` stands for any
    text), as `name` or `namespace:name`, if impersonation is on."""
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
        if not self.declare and (problems := [*unused_keys(self, "an AppProject")]):
            raise mistakes(problems)
        return self


def app_project_manifests(
    app_projects: Mapping[str, AppProjectSettings],
    applications: Sequence[Application],
    hosts: Mapping[str, str],
    namespace: str,
) -> list[dict[str, Any]]:
    """Return the AppProjects that this stack declares, in the order of the stack file.

    Each permits its projects what they use, where its entry says nothing else. The tokens of its roles
    (`jwtTokens`) are left out: the API server writes them. `hosts` has the address of a Git server → the name
    that stands for it.
    """
    found = []
    for name, entry in app_projects.items():
        if not entry.declare:
            continue
        members = [application for application in applications if application.spec.get("project") == name]
        metadata = {
            "name": name,
            "namespace": namespace,
            **entry.model_dump(include={"labels", "annotations"}, exclude_defaults=True),
        }
        spec = {
            "sourceRepos": _source_repos(entry, members, hosts),
            "destinations": _destinations(entry, members, namespace),
            **entry.model_dump(by_alias=True, exclude_none=True, exclude=_NOT_IN_SPEC),
        }
        found.append(
            {
                "apiVersion": API_VERSION,
                "kind": "AppProject",
                "metadata": metadata,
                "spec": without_nulls("AppProject", deep_merge(spec, entry.spec)),
            }
        )
    return found


def _source_repos(
    entry: AppProjectSettings, members: Iterable[Application], hosts: Mapping[str, str]
) -> list[str]:
    """Return the repositories that are permitted, by the names by which the Applications have them."""
    if entry.source_repos is None:
        return [*dict.fromkeys(repository.url for member in members for repository in member.repositories)]
    parted = [("!" * repo.startswith("!"), repo.removeprefix("!")) for repo in entry.source_repos]
    return [denial + with_host_name(repo, hosts) for denial, repo in parted]


def _destinations(
    entry: AppProjectSettings, members: Iterable[Application], argocd_namespace: str
) -> list[dict[str, str]]:
    """Return what is permitted: by default where `members` deploy to; without namespace, any but Argo CD's.

    Who may deploy to Argo CD's namespace is its administrator (Argo CD docs,
    operator-manual/declarative-setup.md), so that a project has to name it to get it.
    """
    if entry.destinations is not None:
        return [{**_cluster(to.server, to.cluster), "namespace": to.namespace} for to in entry.destinations]
    used = [destination for member in members if (destination := member.spec.get("destination"))]
    permitted: list[dict[str, str]] = []
    for to in used:
        place = {**_cluster(to.get("server"), to.get("name")), "namespace": to.get("namespace") or "*"}
        if place not in permitted:
            permitted.append(place)
    anywhere = {"server": IN_CLUSTER, "namespace": "*"} in permitted
    named = {"server": IN_CLUSTER, "namespace": argocd_namespace} in permitted
    denied = [{"server": IN_CLUSTER, "namespace": f"!{argocd_namespace}"}] if anywhere and not named else []
    return permitted + denied


def _cluster(server: str | None, name: str | None) -> dict[str, str]:
    """Return the cluster of a destination; Argo CD's own by its server, since denials need it so."""
    if server or not name or name == IN_CLUSTER_NAME:
        return {"server": server or IN_CLUSTER}
    return {"name": name}


def declare_app_project(name: str) -> str:
    """Return what makes the AppProject `name` known to the stack."""
    return (
        "correct the name, or add the entry (with declare: false in it, if somebody else declares it):\n"
        f"  {PROJECT}:appProjects:\n    {name}: {{}}"
    )
