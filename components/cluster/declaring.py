"""Declare objects of Kubernetes: with the stack's mark, and as what is there already demands it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_kubernetes import _utilities
from pulumi_kubernetes.apiextensions import CustomResource

from components.cluster.ownership import Adoption


class CoreObject(pulumi.CustomResource):
    """A Namespace, Secret or other object of the API group `v1`, as the SDK's own class declares it.

    The SDK's module has a class for each kind of that group. Its import takes as long as Pulumi's own, a
    fifth of a whole preview, and this program declares two kinds of them.
    """

    def __init__(self, name: str, manifest: Mapping[str, Any], opts: ResourceOptions | None = None) -> None:
        defaults = _utilities.get_resource_opts_defaults()
        kind = manifest["kind"]
        super().__init__(
            f"kubernetes:core/v1:{kind}", name, dict(manifest), ResourceOptions.merge(defaults, opts)
        )


def declare(
    manifest: Mapping[str, Any], adoption: Adoption, opts: ResourceOptions | None = None, name: str = ""
) -> pulumi.CustomResource:
    """Declare an object of the stack, under its own name or under `name`.

    What a Secret has in `stringData` is nowhere in clear in Pulumi's state or in a preview.
    """
    metadata = manifest["metadata"]
    key = (manifest["kind"], metadata["name"])
    annotations = {**metadata.get("annotations", {}), **adoption.annotations(key)}
    marked = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    how = ResourceOptions(import_=adoption.imported.get(key))
    if key in adoption.lost:  # what is not there cannot be updated, and needs no protection
        how = ResourceOptions(replace_on_changes=["*"], delete_before_replace=True, protect=False)
    if key in adoption.adopted:
        how.retain_on_delete = True
    if "stringData" in manifest:
        marked["stringData"] = Output.secret(manifest["stringData"])
        how.additional_secret_outputs = ["data", "stringData"]
    opts = ResourceOptions.merge(opts, how)
    name = name or metadata["name"]
    if manifest["apiVersion"] == "v1":
        return CoreObject(name, marked, opts)
    return CustomResource(
        name,
        api_version=marked["apiVersion"],
        kind=marked["kind"],
        metadata=marked["metadata"],
        spec=marked["spec"],
        opts=opts,
    )
