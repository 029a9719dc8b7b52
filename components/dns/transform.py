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
        values = args.props.get("values") or {}
        return ResourceTransformResult({**args.props, "values": _merged(values, aliases)}, args.opts)

    return transform


def _merged(values: Any, aliases: Sequence[Mapping[str, Any]]) -> Any:
    """Return `values` with `aliases`; only `global` goes through an Output, where that is possible.

    One secret value would otherwise hide all others in a preview.
    """
    if not isinstance(values, Mapping):
        return pulumi.Output.from_input(values).apply(lambda known: merge_host_aliases(known, aliases))
    shared = pulumi.Output.from_input(values.get("global") or {})
    return {
        **values,
        "global": shared.apply(lambda known: merge_host_aliases({"global": known}, aliases)["global"]),
    }
