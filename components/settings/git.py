"""The `git` section: where the projects' repositories are."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Section
from components.settings.names import HostName
from components.settings.urls import BaseUrl


class GitSettings(Section):
    """The Git server and what the projects have in common."""

    base_url: BaseUrl = Field(examples=["http://git.protobox/gitlab"])
    """The Git server's address by name, with its sub-path. A project's repository is
    `<baseUrl>/<group>/<project>.git`."""
    group: str = Field(default="", pattern=r"^([^/\s](.*[^/\s])?)?$", examples=["protobox1"])
    """The group (and sub-groups) that the projects are in."""
    revision: str = Field(default="HEAD", min_length=1, examples=["CD"])
    """The branch, tag or commit that Argo CD follows, unless a project names its own."""
    path: str = Field(default=".", min_length=1, examples=["factory/CD/base"])
    """The folder of the manifests in a repository, unless a project names its own."""
    hosts: dict[str, HostName] = Field(default_factory=dict, examples=[{"192.168.1.7": "git.protobox"}])
    """Hosts in repository URLs that are replaced: the IP address that a manifest names → the name that it
    should have named."""
    public_hosts: list[str] = Field(default_factory=list, examples=[["github.com"]])
    """Repository hosts that public DNS resolves, so that no zone or hosts entry is asked of them."""
