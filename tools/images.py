"""Whether the nodes can pull what Argo CD and its Applications run. Pure.

A node resolves names by itself: what the strategy does in the cluster's DNS helps no node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.dns.strategies.forwarding import ForwardSettings
from components.dns.zones import in_zone
from components.nodes.section import unknown_to_nodes
from components.settings import Settings
from components.stackfile.printable import printable
from components.stackfile.urls import repository_host
from tools.command_line import Mark, Row

IMAGES = "images"
_TO_NAME = 3


def images_row(settings: Settings, applications: Iterable[Mapping[str, Any]]) -> Row:
    """Return the row about the images of Argo CD and of `applications`, as the API has them."""
    images = [*_of_argocd(settings), *_of_applications(applications)]
    registries = settings.nodes.registries
    unknown = unknown_to_nodes(images, list(private_names(settings)), registries)
    if not unknown:
        by = f"; `make nodes` prints what each node needs for {', '.join(registries)}" if registries else ""
        return Row(Mark.OK, IMAGES, f"none of {len(images)} is from a host that only the site knows{by}")
    listed = printable("\n".join(f"{registry}: {_named(names)}" for registry, names in unknown.items()))
    entries = ", ".join(f'{registry}: {{endpoint: "http://ADDRESS:PORT"}}' for registry in unknown)
    return Row(
        Mark.WARNING,
        IMAGES,
        f"the nodes may not resolve where these images come from; `dns` helps pods only:\n{listed}",
        f"write protobox-cd:nodes.registries: {{{entries}}}, and do on the nodes what `make nodes` prints; "
        "where the nodes know the name, that is no mistake",
    )


def _named(images: list[str]) -> str:
    more = len(images) - _TO_NAME
    return ", ".join(images[:_TO_NAME]) + (f" and {more} more" if more > 0 else "")


def _of_argocd(settings: Settings) -> Iterator[str]:
    if images := settings.argocd.images:
        if images.registry:
            yield f"{images.registry}/argoproj/argocd"
        if images.repository:
            yield images.repository


def _of_applications(applications: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for application in applications:
        yield from ((application.get("status") or {}).get("summary") or {}).get("images") or ()


def private_names(settings: Settings) -> Iterator[str]:
    """Yield the zones and names that only the site's own servers or files know."""
    dns = settings.dns
    if isinstance(dns, ForwardSettings):
        yield from (zone.zone for zone in dns.zones)
    elif section := dns.hosts_section:
        yield from (name for names in section.entries.values() for name in names)
        host = repository_host(settings.git.base_url)
        if host and not any(in_zone(host, known.lower()) for known in settings.git.public_hosts):
            yield host
