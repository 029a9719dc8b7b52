"""The component that declares one Application per project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource


class Applications(pulumi.ComponentResource):
    """One `argoproj.io/v1alpha1` Application per project, each a child of this component.

    Args (constructor):
        manifests: project name → Application manifest.

    Attributes:
        summary: Application name → repository, revision, path and destination, for the stack's outputs.
    """

    summary: dict[str, dict[str, Any]]

    def __init__(
        self, name: str, manifests: Mapping[str, Mapping[str, Any]], *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("protobox-cd:projects:Applications", name, None, opts)
        self.summary = {}
        for manifest in manifests.values():
            application = manifest["metadata"]["name"]
            CustomResource(
                application,
                api_version=manifest["apiVersion"],
                kind=manifest["kind"],
                metadata=manifest["metadata"],
                spec=manifest["spec"],
                opts=ResourceOptions(parent=self),
            )
            self.summary[application] = _summary(manifest["spec"])
        self.register_outputs({"applications": self.summary})


def _summary(spec: Mapping[str, Any]) -> dict[str, Any]:
    source = spec["source"]
    return {
        "repository": source["repoURL"],
        "revision": source["targetRevision"],
        "path": source["path"],
        "destination": spec["destination"],
    }
