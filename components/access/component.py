"""The component that declares what projects may use: repositories, clusters and AppProjects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import ResourceOptions

from components.cluster.declaring import declare
from components.cluster.ownership import Adoption


@dataclass(frozen=True)
class AccessArgs:
    """What to declare."""

    secrets: Sequence[Mapping[str, Any]]
    """Manifests of Argo CD's Secrets for repositories and clusters."""
    app_projects: Sequence[Mapping[str, Any]]
    """Manifests of AppProjects."""
    not_read: Collection[str] = ()
    """The names of the Secrets whose credentials an offline preview does not know."""


class Access(pulumi.ComponentResource):
    """Argo CD's Secrets and AppProjects, each a child of this component.

    All that is in a Secret is secret to Pulumi too: encrypted in its state, hidden in its previews. The
    Applications depend on this component, since Argo CD cannot delete one whose AppProject or cluster has
    gone before.
    """

    def __init__(
        self, name: str, args: AccessArgs, adoption: Adoption, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("protobox-cd:projects:Access", name, None, opts)
        for manifest in args.secrets:
            # Without the credentials the content would look changed, which nobody can tell.
            ignored = ["stringData", "data"] if manifest["metadata"]["name"] in args.not_read else None
            declare(manifest, adoption, ResourceOptions(parent=self, ignore_changes=ignored))
        for manifest in args.app_projects:
            declare(manifest, adoption, ResourceOptions(parent=self))
        self.register_outputs(
            {"appProjects": [manifest["metadata"]["name"] for manifest in args.app_projects]}
        )
