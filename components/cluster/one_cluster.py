"""Dynamic resources that remember the cluster, and work in that one only."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, DiffResult, ResourceProvider

from components.cluster.errors import ClusterError
from components.cluster.identity import same_cluster
from components.cluster.offline import is_offline


class OneClusterProvider(ResourceProvider):
    """Remembers its inputs, `context` among them. `check` adds `cluster`, the UID of the cluster."""

    serialize_as_secret_always = False
    """There is no secret in the pickled class; hiding it would make the state harder to read."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Make sure that the context is still the same cluster, whatever it is called now."""
        try:
            known = _olds.get("cluster", "")
            cluster = known if is_offline() else same_cluster(news["context"], known)
        except ClusterError as error:
            return CheckResult(news, [CheckFailure("context", str(error))])
        return CheckResult({**news, "cluster": cluster}, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Follow the stack file."""
        changed = any(_olds.get(key) != value for key, value in _news.items() if not key.startswith("__"))
        return DiffResult(changes=changed)
