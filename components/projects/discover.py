"""The `discover` section: projects that GitLab knows already, and nobody has to write down."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from components.projects.git import Group
from components.projects.section import ProjectDefaults
from components.stackfile.base import Section
from components.stackfile.secret_text import SecretText
from components.stackfile.urls import BaseUrl, Folder


class DiscoverSettings(Section):
    """Which projects of a group in GitLab become projects of the stack."""

    group: Group = Field(min_length=1, examples=["protobox1"])
    """The group in GitLab, with its subgroups, but without archived projects and without shared ones."""
    having: Folder | None = Field(default=None, examples=["factory/CD/base"])
    """The folder that a project must have to be found, and that is deployed; `git.path` by default."""
    revision: str | None = Field(default=None, min_length=1, examples=["CD"])
    """The branch, tag or commit on which it must have it, and that is deployed; `git.revision` by default."""
    exclude: list[str] = Field(default_factory=list, examples=[["sandbox/*", "docs-old"]])
    """Projects to leave out, by their paths below the group; `*` stands for any text."""
    application: str = Field(default="factory/CD/argo/application.yml", examples=["argo/application.yml"])
    """A project's own Application file. Where a project has it, it is declared as it is, as under
    `manifests`; "" looks for none."""
    as_: ProjectDefaults = Field(
        default_factory=ProjectDefaults,
        alias="as",
        examples=[{"appProject": "shop", "labels": {"team": "a"}}],
    )
    """What holds for the projects that are found, over `defaults`."""
    url: BaseUrl | None = Field(default=None, examples=["https://git.protobox/gitlab"])
    """GitLab's address as this machine reaches it; `git.baseUrl` by default."""
    ca_file: str | None = Field(default=None, min_length=1, examples=["/etc/ssl/protobox-ca.pem"])
    """The certificate of the authority that GitLab's own certificate is from, if it is a private one."""
    token: SecretText | None = None
    """A token that may read the group, with the scope `read_api` and, where the repositories are private,
    the role Reporter. The variable PROTOBOX_GITLAB_TOKEN by default."""


@dataclass(frozen=True)
class Found:
    """A project that has what it has to have."""

    path: str
    """Its path in GitLab: `protobox1/docserver`."""
    application: str | None = None
    """Its own Application file, None where it has none."""

    @property
    def name(self) -> str:
        """The project's name in Git."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Discovery:
    """What GitLab has answered."""

    asked: int
    """How many projects the group has, without archived and excluded ones."""
    found: tuple[Found, ...]
    """Those of them that count, in the order of their paths."""
