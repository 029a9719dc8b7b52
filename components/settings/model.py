"""The whole stack file as one value."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from components.access.app_projects import AppProjectName, AppProjectSettings
from components.access.clusters import ClusterEntrySettings, ClusterName
from components.access.repositories import CredentialTemplateSettings, RepositoryKey, RepositorySettings
from components.access.secrets import Credentials
from components.argocd.section import ArgoCDSettings
from components.cluster.section import ClusterSettings
from components.dns.section import DnsSettings
from components.nodes.section import NodesSettings
from components.projects.application_sets import DeclaredSet, declared_sets
from components.projects.declared import (
    Declaration,
    DeclaredApplication,
    Use,
    declared_applications,
    hosts_in_use,
)
from components.projects.defaults import over_defaults
from components.projects.discover import DiscoverSettings
from components.projects.git import GitSettings
from components.projects.manifest_files import Manifests
from components.projects.section import ProjectDefaults, ProjectSettings
from components.stackfile.base import Section
from components.stackfile.object_names import ObjectName


def _over_defaults(value: Any, info: ValidationInfo) -> Any:
    """Merge the defaults under each project. They stand before the projects in the model for this."""
    if not isinstance(value, dict):
        return value
    defaults = info.data.get("defaults") or ProjectDefaults()
    common = defaults.model_dump(by_alias=True, exclude_unset=True)
    return {project: over_defaults(common, entry) for project, entry in value.items()}


class Settings(Section):
    """Everything that a stack file says about this program, checked section by section.

    What sections say of each other is checked by `components.checks.applications`.
    """

    cluster: ClusterSettings = Field(examples=[{"context": "kubernetes-admin@cluster.local"}])
    """The Kubernetes cluster of this stack."""
    argocd: ArgoCDSettings = Field(default_factory=ArgoCDSettings)
    """How Argo CD is installed."""
    git: GitSettings = Field(examples=[{"baseUrl": "http://git.protobox/gitlab", "group": "protobox1"}])
    """Where the projects' repositories are."""
    dns: DnsSettings = Field(
        examples=[{"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]}]
    )
    """How the Git server's name is made to resolve for Argo CD."""
    defaults: ProjectDefaults = Field(default_factory=ProjectDefaults)
    """What all projects have in common. `adopt`, `protect`, `cascade` and `wait` hold for `manifests` too."""
    projects: Annotated[dict[str, ProjectSettings], BeforeValidator(_over_defaults)] = Field(
        default_factory=dict, examples=[{"docserver": {}}]
    )
    """The projects, each of which becomes one Application. The key is the project's name in Git."""
    discover: DiscoverSettings | None = Field(default=None, examples=[{"group": "protobox1"}])
    """Projects that are found in GitLab at each preview and `up`. One that `projects` or `manifests` has
    already is left to them."""
    manifests: list[Manifests] = Field(
        default_factory=list, examples=[["../docserver/factory/CD/argo/application.yml"]]
    )
    """The projects' own Application files, or globs for them, seen from the project's folder. They, and the
    ApplicationSets in them, are declared as they are; only a raw IP in a repository's URL becomes a name, by
    `git.hosts`."""
    credential_templates: dict[ObjectName, CredentialTemplateSettings] = Field(default_factory=dict)
    """Credentials for all repositories whose URL begins alike. The key names the Secret."""
    repositories: dict[RepositoryKey, RepositorySettings] = Field(default_factory=dict)
    """Repositories with credentials or options of their own. The key names the Secret."""
    clusters: dict[ClusterName, ClusterEntrySettings] = Field(default_factory=dict)
    """Further clusters that Argo CD deploys to. The key is the name by which a destination means it."""
    app_projects: dict[AppProjectName, AppProjectSettings] = Field(default_factory=dict)
    """Argo CD's AppProjects. The key is the name; `default` is Argo CD's own."""

    nodes: NodesSettings = Field(
        default_factory=NodesSettings,
        examples=[{"registries": {"registry.protobox": {"endpoint": "http://192.168.1.7:5000"}}}],
    )
    """What the nodes have to know to pull images. `make nodes` prints it; nothing is written."""

    @cached_property
    def applications(self) -> list[DeclaredApplication]:
        """The Applications, those of `projects` first, in the order of the stack file."""
        return declared_applications(self._declaration)

    @cached_property
    def application_sets(self) -> list[DeclaredSet]:
        """The ApplicationSets, in the order of the stack file."""
        return declared_sets(self._declaration)

    @cached_property
    def uses(self) -> dict[str, list[Use]]:
        """Repository host → who uses it, in the order of the Applications: these have to resolve."""
        return hosts_in_use([*self.applications, *self.application_sets])

    @property
    def credentials(self) -> Credentials:
        """The entries that become Secrets, and what they are made with."""
        return Credentials(
            self.credential_templates, self.repositories, self.clusters, self.git.hosts, self.argocd.namespace
        )

    @property
    def _declaration(self) -> Declaration:
        return Declaration(self.projects, self.manifests, self.defaults, self.git, self.argocd.namespace)
