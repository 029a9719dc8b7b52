"""The component that declares the Applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pulumi
from pulumi import ResourceOptions

from components.cluster.declaring import declare
from components.cluster.ownership import Adoption
from components.projects.application import Application, sources
from components.projects.comparison import Comparison, compared, places
from components.projects.file_form import DeclaredSet
from components.projects.guard import FinalizerGuard


@dataclass(frozen=True)
class ApplicationsArgs:
    """What to declare, and how."""

    context: str
    """The kube-context."""
    namespace: str
    """Argo CD's."""
    applications: Sequence[Application]
    sets: Sequence[DeclaredSet]
    adoption: Adoption
    """What is in the cluster already."""


class Applications(pulumi.ComponentResource):
    """One `argoproj.io/v1alpha1` Application per project and destination, each a child of this component.

    Attributes:
        summary: Application name → repository, revision, path and destination, for the stack's outputs;
            of several sources the first.
    """

    summary: dict[str, dict[str, Any]]

    def __init__(self, name: str, args: ApplicationsArgs, *, opts: ResourceOptions | None = None) -> None:
        super().__init__("protobox-cd:projects:Applications", name, None, opts)
        for each in (*args.applications, *args.sets):
            options = ResourceOptions(parent=self, protect=each.options.protect or None)
            declare(each.manifest, args.adoption, options)
        place = {"context": args.context, "namespace": args.namespace}
        marked = {**place, **asdict(args.adoption.mark)}
        guard = FinalizerGuard("finalizers", marked, ResourceOptions(depends_on=[self]))
        if followed := compared(args.applications):
            props = {**place, "applications": followed, "places": places(args.applications)}
            # After the guard: when Argo CD refuses an Application, all else of the stack is there.
            Comparison("comparison", props, ResourceOptions(depends_on=[self, guard]))
        self.summary = {each.name: _summary(each.spec) for each in args.applications}
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
