"""The whole stack file as one value."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from components.settings.argocd import ArgoCDSettings
from components.settings.base import Section, mistake
from components.settings.cluster import ClusterSettings
from components.settings.dns import DnsSettings
from components.settings.git import GitSettings
from components.settings.projects import ProjectSettings

_APPLICATION_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def _empty_is_default(value: Any) -> Any:
    """Read `docserver:` with nothing behind it as `docserver: {}`."""
    return {} if value is None else value


class Settings(Section):
    """Everything that a stack file says about this program, checked."""

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
    projects: dict[str, Annotated[ProjectSettings, BeforeValidator(_empty_is_default)]] = Field(
        default_factory=dict, examples=[{"docserver": {}}]
    )
    """The projects, each of which becomes one Application. The key is the project's name in Git."""

    @model_validator(mode="after")
    def _application_names(self) -> Self:
        owners: dict[str, str] = {}
        for project, settings in self.projects.items():
            name = application_name(project, settings)
            if not _APPLICATION_NAME.fullmatch(name):
                raise mistake(
                    f"the project {project!r} would become an Application named {name!r}",
                    "Kubernetes takes lower-case letters, digits, '-' and '.' only",
                    f"name it: protobox-cd:projects.{project}.application: {_suggest_name(name)}",
                )
            if name in owners:
                raise mistake(
                    f"the projects {owners[name]!r} and {project!r} both become the Application {name!r}",
                    "one would overwrite the other",
                    f"give one of them another name: protobox-cd:projects.{project}.application",
                )
            owners[name] = project
        return self


def application_name(project: str, settings: ProjectSettings) -> str:
    """Return the name of the project's Application: `argo-<project>` unless the stack file names it."""
    return settings.application or f"argo-{project}"


def _suggest_name(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
