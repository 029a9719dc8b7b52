"""The Pulumi transform that brings hosts entries into Argo CD's Release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import ResourceTransformArgs, ResourceTransformResult

from components.dns.hosts import merge_host_aliases

RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"


def host_aliases_transform(aliases: Sequence[Mapping[str, Any]]) -> pulumi.ResourceTransform:
    """Return a transform that merges `aliases` into `global.hostAliases` of a Release's values.

    The chart renders that value into argocd-server and argocd-repo-server, the pod that dials Git;
    it has none for a single component.
    """

    def transform(args: ResourceTransformArgs) -> ResourceTransformResult | None:
        if args.type_ != RELEASE_TYPE:
            return None
        values = pulumi.Output.from_input(args.props.get("values") or {})
        merged = values.apply(lambda known: merge_host_aliases(known, aliases))
        return ResourceTransformResult({**args.props, "values": merged}, args.opts)

    return transform
