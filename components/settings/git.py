"""The `git` section: where the projects' repositories are."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.settings.addresses import canonical_ip
from components.settings.base import Section, mistake
from components.settings.folders import Folder
from components.settings.forms import IPV6, NAME, Form
from components.settings.names import HostName
from components.settings.problems import behind_login, without_login
from components.settings.urls import BaseUrl, repository_host, with_host_name

_GROUP = Form(
    r"([^/\s?#]+(/[^/\s?#]+)*)?",
    "A group's path is expected, without spaces and without / at its ends, such as protobox1/docs",
)
_REPLACED = Form(
    rf"(?=.{{1,253}}$){NAME}|{IPV6}",
    "An IP address or a host name is expected, without scheme, port and brackets, such as 192.168.1.7",
)


def require_group(group: str) -> str:
    """Return `group`, if it can be the middle of a repository's URL."""
    if not _GROUP.fits(group):
        suggestion = "/".join("-".join(part.split()) for part in group.split("/") if part.strip())
        raise mistake(
            f"{group!r} is not the path of a group",
            "the URL of every repository has it between the Git server's address and the project's name",
            f"write it as it stands in the Git server's own URLs, for example {suggestion or 'protobox1'}",
        )
    return group


def require_replaced_host(host: str) -> str:
    """Return `host` as it is compared with the hosts in URLs, if it can be one of them."""
    if not _REPLACED.fits(host):
        behind = behind_login(host)
        bare = repository_host(behind if "://" in behind else f"http://{behind}")
        raise mistake(
            f"{without_login(host)!r} is not an IP address or a host name alone",
            "it is compared with the host in a repository's URL, and would never be found there",
            f"write {bare if _REPLACED.fits(bare) else '192.168.1.7'}",
        )
    return canonical_ip(host.lower())


Group = Annotated[str, AfterValidator(require_group), _GROUP.field]
ReplacedHost = Annotated[str, AfterValidator(require_replaced_host), _REPLACED.field]


class GitSettings(Section):
    """The Git server and what the projects have in common."""

    base_url: BaseUrl = Field(examples=["http://git.protobox/gitlab"])
    """The Git server's address by name, with its sub-path. A project's repository is
    `<baseUrl>/<group>/<project>.git`."""
    group: Group = Field(default="", examples=["protobox1"])
    """The group (and sub-groups) that the projects are in."""
    revision: str = Field(default="HEAD", min_length=1, examples=["CD"])
    """The branch, tag or commit that Argo CD follows, unless a project names its own."""
    path: Folder = Field(default=".", examples=["factory/CD/base"])
    """The folder of the manifests in a repository, unless a project names its own."""
    hosts: dict[ReplacedHost, HostName] = Field(
        default_factory=dict, examples=[{"192.168.1.7": "git.protobox"}]
    )
    """Hosts in repository URLs that are replaced: the IP address that a manifest names → the name that it
    should have named."""
    public_hosts: list[str] = Field(default_factory=list, examples=[["github.com"]])
    """Repository hosts that public DNS resolves, so that no zone or hosts entry is asked of them."""

    @property
    def servers(self) -> frozenset[str]:
        """The Git server's host: the one in its address, and the name that takes its place by `hosts`."""
        return frozenset(
            repository_host(url) for url in (self.base_url, with_host_name(self.base_url, self.hosts))
        )
