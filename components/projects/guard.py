"""The last look before anything is deleted: the cluster of before, and somebody there for finalizers?"""

from __future__ import annotations

from typing import Any

from pulumi import ResourceOptions
from pulumi.dynamic import CheckResult, CreateResult, Resource, UpdateResult

from components.cluster import live
from components.cluster.errors import ClusterError, sentences
from components.cluster.identity import same_cluster
from components.cluster.objects import Mark, waiting_applications
from components.cluster.offline import is_offline, refuse_changes
from components.cluster.one_cluster import OneClusterProvider
from components.projects.finalizers import no_controller, watch, way_out


class FinalizerGuardProvider(OneClusterProvider):
    """Does nothing until it is deleted, which is before the first Application is.

    Inputs: `context`, `namespace`, and the stack's mark: `stack`, `identity`. `check` adds `cluster`, the
    UID of the cluster.
    """

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Once it is certainly the same cluster, watch for deletions that take their time."""
        checked = super().check(_olds, news)
        if not checked.failures and not is_offline():
            watch(news["context"], news["namespace"], Mark(news["stack"], news.get("identity", "")))
        return checked

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Remember where to look."""
        with sentences():
            refuse_changes()
        return CreateResult(props["namespace"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Remember where to look."""
        with sentences():
            refuse_changes()
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Refuse, with the way out, if an Application waits for Argo CD and Argo CD is gone.

        Raises:
            ClusterError: it is so, it is another cluster, or the cluster cannot, or must not, be asked.
        """
        context, namespace = _props["context"], _props["namespace"]
        with sentences():
            refuse_changes("the Applications are still there")
            same_cluster(context, _props.get("cluster", ""))
            found = waiting_applications(context, namespace)
            mark = Mark(_props["stack"], _props.get("identity", ""))
            waiting = [each.name for each in found if mark.is_on(each)]
            if waiting and (idle := live.idle(context, namespace)):
                raise ClusterError(
                    f"these Applications cannot be deleted: {', '.join(waiting)}; nothing was deleted",
                    no_controller(idle),
                    way_out(waiting, namespace),
                )
        watch(context, namespace, mark)


class FinalizerGuard(Resource, module="projects", name="FinalizerGuard"):
    """Declared after the Applications, and so deleted before them."""

    def __init__(self, name: str, props: dict[str, str], opts: ResourceOptions | None = None) -> None:
        super().__init__(FinalizerGuardProvider(), name, dict(props), opts)
