"""The component that declares the Applications."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource

from components.live import MARK
from components.projects.declared import DeclaredApplication, sources
from components.projects.guard import FinalizerGuard
from components.settings import Settings

_FORCE = "pulumi.com/patchForce"
"""An annotation with which the Kubernetes plugin takes a field over from whom has set it last.

Without it the dry run of a preview ends in a conflict with `kubectl-client-side-apply`, and no `up` begins.
It stands on an Application that is taken over, and stays there: to take it away would be one more change.
"""


@dataclass(frozen=True)
class ApplicationsArgs:
    """What to declare, and how."""

    settings: Settings
    applications: Sequence[DeclaredApplication]
    adopted: Collection[str] = ()
    """The names of those that are in the cluster already and are taken over."""
    foreign: Collection[str] = ()
    """Those of them that are still somebody else's."""


class Applications(pulumi.ComponentResource):
    """One `argoproj.io/v1alpha1` Application per project and destination, each a child of this component.

    Attributes:
        summary: Application name → repository, revision, path and destination, for the stack's outputs;
            of several sources the first.
    """

    summary: dict[str, dict[str, Any]]

    def __init__(self, name: str, args: ApplicationsArgs, *, opts: ResourceOptions | None = None) -> None:
        super().__init__("protobox-cd:projects:Applications", name, None, opts)
        stack = pulumi.get_stack()
        for one in args.applications:
            metadata = one.manifest["metadata"]
            foreign = one.name in args.foreign
            marks = {MARK: stack, _FORCE: "true"} if foreign else {MARK: stack}
            marked = {**metadata, "annotations": {**metadata.get("annotations", {}), **marks}}
            imported = f"{metadata['namespace']}/{one.name}" if one.name in args.adopted else None
            CustomResource(
                one.name,
                api_version=one.manifest["apiVersion"],
                kind=one.manifest["kind"],
                metadata=marked,
                spec=one.spec,
                opts=ResourceOptions(
                    parent=self,
                    import_=imported,
                    protect=one.options.protect or None,
                    ignore_changes=None if foreign else [f'metadata.annotations["{_FORCE}"]'],
                ),
            )
        context, namespace = args.settings.cluster.context, args.settings.argocd.namespace
        place = {"context": context, "namespace": namespace, "stack": stack}
        FinalizerGuard("finalizers", place, ResourceOptions(depends_on=[self]))
        self.summary = {one.name: _summary(one.spec) for one in args.applications}
        self.register_outputs({})  # the summary is an output of the stack, and once is enough in the state


def _summary(spec: Mapping[str, Any]) -> dict[str, Any]:
    first: Mapping[str, Any] = next((source for _, source in sources(spec)), {})
    summary = {
        "repository": first.get("repoURL"),
        "revision": first.get("targetRevision"),
        "path": first.get("path"),
        "chart": first.get("chart"),
        "destination": spec.get("destination"),
    }
    return {key: value for key, value in summary.items() if value is not None}
