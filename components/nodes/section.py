"""The `nodes` section: what the nodes have to know of the site, since the cluster's DNS serves pods only.

What is made of it: what containerd reads, what Kubespray renders, and which images need it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from components.dns.zones import in_zone
from components.stackfile.addresses import is_ip
from components.stackfile.base import Section, mistake
from components.stackfile.forms import IPV4, IPV6, NAME, PORT, Form
from components.stackfile.urls import repository_host

FOLDER = "/etc/containerd/certs.d"
"""Where containerd looks, once its `config_path` says so."""
_CAPABILITIES = ("pull", "resolve")
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


def hosts_toml(registry: RegistrySettings) -> str:
    """Return containerd's `hosts.toml` for a registry.

    `server` is the address, too: otherwise containerd falls back to the registry's name.
    Source: containerd docs/hosts.md.
    """
    words = ", ".join(f'"{word}"' for word in _CAPABILITIES)
    lines = [
        f'server = "{registry.endpoint}"',
        "",
        f'[host."{registry.endpoint}"]',
        f"  capabilities = [{words}]",
    ]
    if registry.ca:
        lines.append(f'  ca = "{registry.ca}"')
    return "\n".join([*lines, ""])


def kubespray_registries(registries: Mapping[str, RegistrySettings]) -> dict[str, Any]:
    """Return the group variable with which Kubespray (2.23 and newer) writes the same files.

    Its template has no place for a certificate (roles/container-engine/containerd/templates/hosts.toml.j2).
    """
    mirrors = [
        {
            "prefix": host,
            "server": registry.endpoint,
            "mirrors": [{"host": registry.endpoint, "capabilities": [*_CAPABILITIES], "skip_verify": False}],
        }
        for host, registry in registries.items()
    ]
    return {"containerd_registries_mirrors": mirrors} if mirrors else {}


def registry_of(image: str) -> str:
    """Return the host of the registry that an image comes from: docker.io where it names none."""
    first, slash, _ = image.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first.lower() if is_host else "docker.io"


def unknown_to_nodes(
    images: Iterable[str], private: Sequence[str], registries: Collection[str]
) -> dict[str, list[str]]:
    """Return registry → the images from it, of those whose name only the site knows and no entry tells.

    `private` has the zones and names of the site, `registries` the hosts in `nodes.registries`.
    """
    found: dict[str, list[str]] = {}
    for image in dict.fromkeys(images):
        registry = registry_of(image)
        host = registry.partition(":")[0]
        if registry not in registries and any(in_zone(host, zone) for zone in private):
            found.setdefault(registry, []).append(image)
    return found
