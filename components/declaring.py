"""Declare objects of Kubernetes' core group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_kubernetes import _utilities


class CoreObject(pulumi.CustomResource):
    """A Namespace, Secret or other object of the API group `v1`, as the SDK's own class declares it.

    The SDK's module has a class for each kind of that group. Its import takes as long as Pulumi's own, a
    fifth of a whole preview, and this program declares two kinds of them.

    Args (constructor):
        name: the resource's name.
        manifest: the object as Kubernetes has it; `apiVersion` is `v1`.
    """

    def __init__(self, name: str, manifest: Mapping[str, Any], opts: ResourceOptions | None = None) -> None:
        defaults = _utilities.get_resource_opts_defaults()
        kind = manifest["kind"]
        super().__init__(
            f"kubernetes:core/v1:{kind}", name, dict(manifest), ResourceOptions.merge(defaults, opts)
        )


def declare_secret(manifest: Mapping[str, Any], opts: ResourceOptions) -> CoreObject:
    """Declare the Secret of a manifest whose `stringData` is in clear; it is named as the object is.

    Nothing in it is in clear in Pulumi's state or in a preview.
    """
    hidden = {"stringData": Output.secret(manifest["stringData"])}
    answered = ResourceOptions(additional_secret_outputs=["data", "stringData"])
    name = manifest["metadata"]["name"]
    return CoreObject(name, {**manifest, **hidden}, ResourceOptions.merge(opts, answered))
