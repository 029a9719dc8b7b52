"""Declare Secrets so that nothing in them is in clear in Pulumi's state or in a preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi import Output, ResourceOptions
from pulumi_kubernetes.core.v1 import Secret


def declare_secret(manifest: Mapping[str, Any], opts: ResourceOptions) -> Secret:
    """Declare the Secret of a manifest whose `stringData` is in clear; it is named as the object is."""
    return Secret(
        manifest["metadata"]["name"],
        metadata=manifest["metadata"],
        type=manifest["type"],
        string_data=Output.secret(manifest["stringData"]),
        opts=opts,
    )
