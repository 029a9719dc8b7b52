"""The stack file: its sections put together, and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from components.access.app_projects import AppProjectName, AppProjectSettings
from components.access.clusters import ClusterEntrySettings, ClusterName
from components.access.repositories import CredentialTemplateSettings, RepositoryKey, RepositorySettings
from components.access.secrets import Credentials
from components.argocd.section import ArgoCDSettings
from components.argocd.values import ANYWHERE
from components.dns.section import DnsSettings
from components.nodes.section import NodesSettings
from components.projects.application import Application, Use, hosts_in_use
from components.projects.discover import DiscoverSettings
from components.projects.file_form import DeclaredSet, of_files, sets_of_files
from components.projects.git import GitSettings
from components.projects.manifest_files import ManifestFiles, Manifests
from components.projects.section import ProjectDefaults, ProjectSettings, over_defaults
from components.projects.short_form import of_projects
from components.stackfile.base import Section
from components.stackfile.object_names import ObjectName
from components.stackfile.places import StackFile
from components.stackfile.problems import Key, Problem
from components.stackfile.reading import Sections, StandIn, read
from components.stackfile.urls import UNKNOWN_HOST


class ClusterSettings(Section):
    """The cluster that this stack installs Argo CD in."""

    context: str = Field(min_length=1, examples=["kubernetes-admin@cluster.local"])
    """The kube-context to use. It is required: the current context is never used by accident.
    `kubectl config get-contexts` lists those of your kubeconfig."""
    stack_identity: str | None = Field(default=None, pattern="^[0-9a-f]{12}$", examples=["5f1c0a9b7d3e"])
    """The identity in the mark on everything that this stack makes, by which it knows its objects again. By
    default it is made of the address of Pulumi's backend and the stack's name; a stack that moves to another
    backend keeps the old one by this key."""


def _over_defaults(value: Any, info: ValidationInfo) -> Any:
    """Merge the defaults under each project. They stand before the projects in the model for this."""
    if not isinstance(value, dict):
        return value
    defaults = info.data.get("defaults") or ProjectDefaults()
    common = defaults.model_dump(by_alias=True, exclude_unset=True)
    return {project: over_defaults(common, entry) for project, entry in value.items()}


class Settings(Section):
    """Everything that a stack file says about this program, checked section by section.

    What sections say of each other is checked by `components.checks`.
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
    def applications(self) -> list[Application]:
        """The Applications, those of `projects` first, in the order of the stack file."""
        namespace = self.argocd.namespace
        short = of_projects(self.projects, self.git, namespace)
        return [*short, *of_files(self.manifests, self.defaults, self.git, namespace)]

    @cached_property
    def application_sets(self) -> list[DeclaredSet]:
        """The ApplicationSets, in the order of the stack file."""
        return [*sets_of_files(self.manifests, self.defaults, self.git, self.argocd.namespace)]

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


Check = Callable[[Settings], Sequence[Problem]]
"""Finds out what the sections say of each other that cannot be."""

_STAND_INS = {
    "cluster": StandIn({"context": "-"}),
    "git": StandIn(
        {"baseUrl": f"http://{UNKNOWN_HOST}"},
        keeps=frozenset(str(field.alias) for field in GitSettings.model_fields.values()),
    ),
    "dns": StandIn({"strategy": "none"}),
    # Which namespace Argo CD looks at is not known then, so that none may be called wrong.
    "argocd": StandIn({"values": {"configs": {"params": {"application.namespaces": ANYWHERE}}}}),
    "manifests": StandIn(entry=ManifestFiles("", ())),
    # Other sections name these: one with a mistake must not become an unknown one too.
    "clusters": StandIn(entry={"declare": False}, keeps=frozenset({"server"})),
    "appProjects": StandIn(entry={"declare": False}),
}
_IN_CLEAR = (
    "use the key made for the secret, as docs/stack-file.md marks it; what is no secret stands in clear text"
)
_BY_THE_CHART = (
    "make a Secret in the cluster that the project is deployed to, and name it in the chart's values: most "
    "charts have a key for that, such as existingSecret"
)
_OF_A_CHART = frozenset({"parameters", "values", "valuesObject"})
"""What a project hands over to a Helm chart."""
_BY_REFERENCE = (
    "use the key made for the secret, if docs/stack-file.md has one; otherwise make a Secret in Argo CD's "
    "namespace with the label app.kubernetes.io/part-of: argocd, and write $<Secret>:<key> here, which "
    "Argo CD replaces in oidc.config, in dex.config and in the webhook keys of configs.secret"
)
"""What to do about a secret in a place for none, in what a project's chart gets, and in Argo CD's values."""


def load_settings(
    values: Mapping[str, Any], stack_file: StackFile | None = None, checks: Sequence[Check] = ()
) -> Settings:
    """Return the settings in `values` (section name → value, as in the stack file).

    The stack file is read for lines in messages. The checks ask of all sections together, and see what is
    left without the mistakes.

    Raises:
        SettingsError: something is missing, misspelt or impossible; all problems are in it, in the
            order of the file.
    """
    sections = Sections(Settings, _STAND_INS, _in_place_of_a_secret)
    return read(sections, values, stack_file or StackFile(), (_problems_of_files, *checks))


def _problems_of_files(settings: Settings) -> list[Problem]:
    """Return what is wrong in the files of the `manifests` section, each once, with the first entry of it."""
    found: dict[Problem, int] = {}
    for number, files in enumerate(settings.manifests):
        for problem in files.problems:
            found.setdefault(problem, number)
    return [replace(problem, path=("manifests", number)) for problem, number in found.items()]


def _in_place_of_a_secret(path: Sequence[Key]) -> str:
    if tuple(path[:2]) == ("argocd", "values"):
        return _BY_REFERENCE
    of_a_chart = any(key == "helm" and below in _OF_A_CHART for key, below in pairwise(path))
    return _BY_THE_CHART if of_a_chart else _IN_CLEAR
