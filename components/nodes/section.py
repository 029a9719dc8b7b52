"""The `nodes` section: what the nodes have to know of the site, since the cluster's DNS serves pods only."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.stackfile.addresses import is_ip
from components.stackfile.base import Section, mistake
from components.stackfile.forms import IPV4, IPV6, NAME, PORT, Form
from components.stackfile.urls import repository_host

_HOST = Form(
    rf"{NAME}(:{PORT})?",
    "{} is not the host of a registry",
    "it is compared with what stands before the first slash of an image's name",
    "write the host as images name it, with its port if they do, for example registry.protobox",
)


def require_registry(host: str) -> str:
    """Return `host` in lower case, if images can name it and a node would have to look it up."""
    if is_ip(host.partition(":")[0]):
        raise mistake(
            f"{host!r} is an address, which a node need not look up",
            "this section is for registries whose name no node resolves",
            "take the entry out, or write the name that images have, for example registry.protobox",
        )
    return _HOST.require(host).lower()


def require_endpoint(url: str) -> str:
    """Return `url` without a final slash, if it names its host by address."""
    host = repository_host(url)
    if host and not is_ip(host):
        raise mistake(
            f"{url!r} names its host, and a node would have to look {host} up",
            "containerd asks the node's own resolver, which does not know the site's names",
            "write the address that the registry's machine has, for example http://192.168.1.7:5000",
        )
    return _ENDPOINT.require(url).rstrip("/")


_ENDPOINT = Form(
    rf"https?://({IPV4}|\[{IPV6}\])(:{PORT})?/?",
    "{} is not the URL of a registry by its address",
    "containerd pulls images from it",
    "write scheme, address and port, for example http://192.168.1.7:5000",
)
RegistryHost = Annotated[str, AfterValidator(require_registry), _HOST]
Endpoint = Annotated[str, AfterValidator(require_endpoint), _ENDPOINT]
_FILE = Form(
    r"/[^\0\r\n\x22\\]+",
    "{} is not the path of a file on the nodes",
    "containerd on each node reads it",
    "write the whole path there, for example /etc/ssl/certs/protobox.pem",
)
NodeFile = Annotated[str, _FILE]


class RegistrySettings(Section):
    """A registry that the nodes reach by its address."""

    endpoint: Endpoint = Field(examples=["http://192.168.1.7:5000"])
    """The registry's URL by address; `http` where it has no TLS. With `https` its certificate has to name
    this address."""
    ca: NodeFile | None = Field(default=None, examples=["/etc/ssl/certs/protobox.pem"])
    """The file, on each node, with the certificate of the authority that has signed the registry's; otherwise
    those that the node trusts anyway."""


class NodesSettings(Section):
    """What `make nodes` prints for the nodes of the cluster. The program does not touch them."""

    registries: dict[RegistryHost, RegistrySettings] = Field(
        default_factory=dict, examples=[{"registry.protobox": {"endpoint": "http://192.168.1.7:5000"}}]
    )
    """Registries by the host that images name. A node pulls images with its own resolver, so that no strategy
    of `dns` helps; containerd is told an address instead."""
