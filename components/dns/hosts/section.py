"""The `dns.hosts` section: where hosts entries for Argo CD's pods come from."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field

from components.dns.hosts.entries import DEFAULT_FILE
from components.stackfile.addresses import canonical_ip, not_for_a_pod
from components.stackfile.base import Section, mistake
from components.stackfile.forms import IPV4, IPV6, Form
from components.stackfile.host_names import HostName

SshHost = Annotated[
    str,
    Form(
        "[A-Za-z0-9_][A-Za-z0-9_.:%-]*",
        "{} is not the name or IP of one machine",
        "ssh would take it for an option, or for a user and a host",
        "write the machine's name alone; who logs in and the port have keys of their own, for example "
        "{host: supervisor-1, user: supervisor, port: 22}",
    ),
]
SshUser = Annotated[
    str,
    Form(
        r"[A-Za-z0-9_][A-Za-z0-9_.@+\x24\\-]*",
        "{} is not a user's name",
        "ssh would refuse it, or take it for an option",
        "write the name with which you log in on that machine, for example user: supervisor",
    ),
]
FileName = Annotated[
    str,
    Form(
        r"[^\0\r\n]+",
        "{} is not the name of a file",
        "nothing can be read from it",
        "write the file's path, for example /etc/hosts",
    ),
]

_FOR_A_POD = Form(
    rf"{IPV4}|{IPV6}",
    "{} is an unusual spelling of an IP address",
    "other programs, and people, compare addresses by their spelling",
    lambda address: f"write {canonical_ip(address)}",
)


def require_host_ip(address: str) -> str:
    """Return `address`, if it is the IP of a machine that a pod can reach."""
    try:
        ip_address(address)
    except ValueError:
        raise mistake(
            f"{address!r} is not an IP address",
            "Kubernetes refuses it in hostAliases",
            "write the IP in front and the names behind it, for example 192.168.1.7",
        ) from None
    if reason := not_for_a_pod(address):
        raise mistake(
            f"{address!r}, {reason}, cannot stand in hosts entries",
            "Argo CD's pods would look for the Git server in the wrong place",
            "write the address that the machine has in the site's network, for example 192.168.1.7",
        )
    return _FOR_A_POD.require(address)


HostIp = Annotated[str, AfterValidator(require_host_ip), _FOR_A_POD]


class SshSettings(Section):
    """Another machine whose hosts file is read over SSH, at every preview and `up`."""

    host: SshHost = Field(examples=["supervisor-1"])
    """The machine's name or IP, or its `Host` in ~/.ssh/config."""
    user: SshUser | None = Field(default=None, examples=["supervisor"])
    """Who logs in; otherwise what ssh takes by itself."""
    port: int | None = Field(default=None, ge=1, le=65535, examples=[2222])
    """The port of its SSH server; otherwise what ssh takes by itself, which is 22."""
    file: FileName = Field(default=DEFAULT_FILE, examples=[DEFAULT_FILE])
    """The hosts file on that machine."""
    key: FileName | None = Field(default=None, examples=["~/.ssh/id_ed25519"])
    """A private key file without passphrase, seen from the project's root; otherwise ssh's agent and its
    default keys."""
    known_hosts: FileName | None = Field(default=None, examples=["known_hosts"])
    """The file with the machine's host key, seen from the project's root; otherwise ~/.ssh/known_hosts.
    A machine whose key is in neither is refused."""


class HostsSettings(Section):
    """Where hosts entries come from; all sources can be combined.

    For a name that several of them have, `entries` win, then `file`, then `ssh`.
    """

    file: str | None = Field(default=None, examples=[DEFAULT_FILE])
    """A hosts file on the machine that runs Pulumi, seen from the project's root. /etc/hosts if no source
    is named at all."""
    ssh: SshSettings | None = Field(default=None, examples=[{"host": "supervisor-1", "user": "supervisor"}])
    """The hosts file of another machine, read over SSH."""
    entries: dict[HostIp, list[HostName]] = Field(
        default_factory=dict, examples=[{"192.168.1.7": ["git.protobox"]}]
    )
    """IP address to host names. For a name that a file has as well, these win."""
    only: list[str] = Field(default_factory=list, examples=[["*.protobox"]])
    """Patterns of the names to take from the files; empty means the repository hosts in use, since a
    Kubespray host's file lists every node."""

    @property
    def local_file(self) -> str | None:
        """The file on this machine that has to be read, if any."""
        return self.file or (None if self.ssh or self.entries else DEFAULT_FILE)
