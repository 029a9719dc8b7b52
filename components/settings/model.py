"""The whole stack file as one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from components.settings.app_projects import AppProjectName, AppProjectSettings
from components.settings.argocd import ArgoCDSettings
from components.settings.base import Section
from components.settings.cluster import ClusterSettings
from components.settings.clusters import ClusterEntrySettings, ClusterName
from components.settings.credentials import CredentialSettings
from components.settings.defaults import over_defaults
from components.settings.discover import DiscoverSettings
from components.settings.dns import DnsSettings
from components.settings.existing_secret import ExistingSecretSettings
from components.settings.git import GitSettings
from components.settings.manifest_files import Manifests
from components.settings.nodes import NodesSettings
from components.settings.object_names import ObjectName
from components.settings.projects import ProjectDefaults, ProjectSettings
from components.settings.repositories import CredentialTemplateSettings, RepositoryKey, RepositorySettings


def _over_defaults(value: Any, info: ValidationInfo) -> Any:
    """Merge the defaults under each project. They stand before the projects in the model for this."""
    if not isinstance(value, dict):
        return value
    defaults = info.data.get("defaults") or ProjectDefaults()
    common = defaults.model_dump(by_alias=True, exclude_unset=True)
    return {project: over_defaults(common, entry) for project, entry in value.items()}


class Settings(Section):
    """Everything that a stack file says about this program, checked section by section.

    What sections say of each other is checked by `components.projects.checks`.
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

    @property
    def existing_secrets(self) -> dict[tuple[str, str], ExistingSecretSettings]:
        """Section and key of each entry that takes credentials from an existing Secret → that Secret."""
        sections: dict[str, Mapping[str, CredentialSettings | ClusterEntrySettings]] = {
            "credentialTemplates": self.credential_templates,
            "repositories": self.repositories,
            "clusters": self.clusters,
        }
        return {
            (section, name): existing
            for section, entries in sections.items()
            for name, entry in entries.items()
            if (existing := entry.existing_secret)
        }


def application_name(project: str, settings: ProjectSettings) -> str:
    """Return the name of the project's Application: `argo-<project>` unless the stack file names it."""
    return settings.application or f"argo-{project}"
