"""The `git` section: where the projects' repositories are."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from components.stackfile.addresses import canonical_ip, is_ip
from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.forms import IPV6, NAME, Form
from components.stackfile.host_names import HostName, require_host_name
from components.stackfile.problems import Problem, behind_login
from components.stackfile.urls import BaseUrl, Folder, repository_host, with_host_name


def _as_a_path(group: str) -> str:
    path = urlsplit(group).path.rpartition("/")[2] if "://" in group else group
    better = "/".join("-".join(part.split()) for part in re.split("[/?#]", path) if part.strip())
    return f"write it as it stands in the Git server's own URLs, for example {better or 'protobox1'}"


_GROUP = Form(
    r"([^/\s?#]+(/[^/\s?#]+)*)?",
    "{} is not the path of a group",
    "the URL of every repository has it between the Git server's address and the project's name",
    _as_a_path,
)


def _bare_host(host: str) -> str:
    behind = behind_login(host)
    bare = repository_host(behind if "://" in behind else f"http://{behind}")
    return f"write {bare if REPLACED.fits(bare) else '192.168.1.7'}"


REPLACED = Form(
    rf"(?=.{{1,253}}$){NAME}|{IPV6}",
    "{} is not an IP address or a host name alone",
    "it is compared with the host in a repository's URL, and would never be found there",
    _bare_host,
)


def require_name_for_host(name: str) -> str:
    """Return `name` as it stands in URLs, if it is a name and no address."""
    if is_ip(name):
        raise mistake(
            f"{name!r} is an address, where a name is expected",
            "the address in a repository's URL stands in front of the colon, and the name that takes its "
            "place behind it",
            "turn the two around, for example 192.168.1.7: git.protobox",
        )
    return require_host_name(name)


def _turned_around(hosts: Any) -> Any:
    """Refuse an entry that has its name in front and its address behind, with both in the message."""
    if isinstance(hosts, dict):
        for name, address in hosts.items():
            if isinstance(address, str) and is_ip(address) and isinstance(name, str) and not is_ip(name):
                raise mistakes(
                    [
                        Problem(
                            (name,),
                            f"{name} and {address} stand the wrong way round",
                            "the address that manifests use stands in front of the colon, and the name that "
                            "takes its place behind it; as it is, nothing would be replaced by a name",
                            f"turn the two around: write {address}: {name}",
                        )
                    ]
                )
    return hosts


require_group = _GROUP.require
Group = Annotated[str, _GROUP]
ReplacedHost = Annotated[str, REPLACED, AfterValidator(lambda host: canonical_ip(host.lower()))]


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
    hosts: Annotated[
        dict[ReplacedHost, Annotated[HostName, AfterValidator(require_name_for_host)]],
        BeforeValidator(_turned_around),
    ] = Field(default_factory=dict, examples=[{"192.168.1.7": "git.protobox"}])
    """Hosts in repository URLs that are replaced: the IP address that a manifest names → the name that it
    should have named."""
    public_hosts: list[str] = Field(default_factory=list, examples=[["github.com"]])
    """Repository hosts that public DNS resolves, so that no zone or hosts entry is asked of them."""

    def repository(self, project: str) -> str:
        """Return the URL of a project's repository: `<baseUrl>/<group>/<project>.git`.

        The `.git` is needed: GitLab redirects without it, and Argo CD does not follow (argo-cd#2640).
        """
        return "/".join(part for part in (self.base_url, self.group, f"{project}.git") if part)

    @property
    def servers(self) -> frozenset[str]:
        """The Git server's host: the one in its address, and the name that takes its place by `hosts`."""
        return frozenset(
            repository_host(url).removesuffix(".")
            for url in (self.base_url, with_host_name(self.base_url, self.hosts))
        )
