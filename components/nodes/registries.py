"""Registries for the nodes: what containerd reads, what Kubespray renders, which images need them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from components.dns.zones import in_zone
from components.nodes.section import RegistrySettings

FOLDER = "/etc/containerd/certs.d"
"""Where containerd looks, once its `config_path` says so."""
_CAPABILITIES = ("pull", "resolve")


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

    Args:
        images: names of images.
        private: zones and names of the site.
        registries: the hosts in `nodes.registries`.
    """
    found: dict[str, list[str]] = {}
    for image in dict.fromkeys(images):
        registry = registry_of(image)
        host = registry.partition(":")[0]
        if registry not in registries and any(in_zone(host, zone) for zone in private):
            found.setdefault(registry, []).append(image)
    return found
