"""The `dns` section: how the private Git server's name is made to resolve for Argo CD."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.settings.base import Section
from components.settings.names import require_host_name, require_server, require_zone

Server = Annotated[str, AfterValidator(require_server)]
Zone = Annotated[str, AfterValidator(require_zone)]
HostName = Annotated[str, AfterValidator(require_host_name)]

MAX_SERVERS = 15
"""CoreDNS's `forward` takes no more targets."""


class ForwardSettings(Section):
    """What the strategies have in common that forward a zone from the cluster's DNS to a server."""

    zones: list[Zone] = Field(min_length=1, examples=[["protobox"]])
    """The DNS zones to forward: for git.protobox the zone is `protobox`."""
    servers: list[Server] = Field(min_length=1, max_length=MAX_SERVERS, examples=[["192.168.1.7"]])
    """The name servers that know these zones, as `IP` or `IP:port`, at most 15."""
    nodelocaldns: Literal["auto", "require", "skip"] = "auto"
    """Kubespray's node-local DNS cache answers the pods and never asks CoreDNS for such a zone, so it
    is edited too: `auto` where it exists, `require` fails without it, `skip` never touches it."""
    cache_seconds: int = Field(default=30, ge=1, le=3600)
    """How long answers are kept, in seconds, also the answer that a name does not exist."""


class DnsmasqSettings(ForwardSettings):
    """Forward the zones to dnsmasq, which answers from its machine's /etc/hosts."""

    strategy: Literal["dnsmasq"]
    """dnsmasq"""


class ConsulSettings(ForwardSettings):
    """Forward the zones to Consul's DNS."""

    strategy: Literal["consul"]
    """consul"""
    port: int = Field(default=8600, ge=1, le=65535)
    """The port of Consul's DNS, for servers that name none."""
    rewrite: dict[HostName, HostName] = Field(
        default_factory=dict, examples=[{"git.protobox": "git.service.consul"}]
    )
    """Names to ask Consul for under another name: Consul knows a service as `git.service.consul`,
    never as `git.protobox`."""


class HostsSettings(Section):
    """Where hosts entries come from; a file and entries can be combined."""

    file: str | None = Field(default=None, examples=["/etc/hosts"])
    """A hosts file on the machine that runs Pulumi, seen from the project's root."""
    entries: dict[str, list[HostName]] = Field(
        default_factory=dict, examples=[{"192.168.1.7": ["git.protobox"]}]
    )
    """IP address to host names. For a name that the file has as well, these win."""
    only: list[str] = Field(default_factory=list, examples=[["*.protobox"]])
    """Patterns of the names to take from the file; empty means the repository hosts in use, since a
    Kubespray host's file lists every node."""


class HostAliasesSettings(Section):
    """Put hosts entries into Argo CD's pods; the cluster's DNS is not touched."""

    strategy: Literal["hostAliases"]
    """hostAliases"""
    hosts: HostsSettings = Field(default_factory=lambda: HostsSettings(file="/etc/hosts"))
    """The hosts entries: the machine's own /etc/hosts by default."""


class NoneSettings(Section):
    """Do nothing: every repository host already resolves in the cluster."""

    strategy: Literal["none"]
    """none"""


DnsSettings = Annotated[
    ConsulSettings | DnsmasqSettings | HostAliasesSettings | NoneSettings, Field(discriminator="strategy")
]
