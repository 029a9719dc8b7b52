"""What to tell when a finalizer waits for an Argo CD that is not there."""

from __future__ import annotations

from collections.abc import Sequence

NO_CONTROLLER = (
    "it has a finalizer that asks Argo CD to delete the project's objects first, and no "
    "application-controller runs that would do so: the deletion would hang until it times out"
)
"""Why such an Application cannot be deleted."""


def way_out(names: Sequence[str], namespace: str) -> str:
    """Return the commands that end the waiting of the Applications `names`, either way."""
    nothing = """'{"metadata":{"finalizers":null}}'"""
    return (
        "start the controller again (then the objects are deleted):\n"
        f"  kubectl -n {namespace} scale statefulset argocd-application-controller --replicas 1\n"
        "or take the finalizer off (then the objects stay):\n"
        f"  kubectl -n {namespace} patch application {' '.join(names)} --type merge -p {nothing}"
    )
