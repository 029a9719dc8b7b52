"""Which cluster it is, and which stack: names alone do not tell.

A cluster is known by the UID of its namespace `kube-system`, whatever the kube-context is called; a stack by
the backend that keeps its state, whatever has become of that state.
"""

from __future__ import annotations

from hashlib import sha256

from components.cluster.api import Reader, get_if_allowed
from components.cluster.errors import ClusterError

_NAMESPACE = "/api/v1/namespaces/kube-system"


def cluster_uid(context: str) -> str:
    """Return the identity of the cluster behind the kube-context `context`; "" if it may not be read.

    Raises:
        ClusterError: the context does not exist, or its API server does not answer.
    """
    with Reader(context) as reader:
        found = get_if_allowed(reader, _NAMESPACE)
    return str(((found or {}).get("metadata") or {}).get("uid") or "")


def same_cluster(context: str, before: str) -> str:
    """Return the identity of the cluster behind `context`, once it is certain that it is the one of before.

    `before` is the identity that the state remembers; "" for none.

    Raises:
        ClusterError: it is another cluster, or it does not answer.
    """
    now = cluster_uid(context)
    if before and now and now != before:
        raise ClusterError(
            f"the kube-context {context!r} is another cluster than that of the last pulumi up: the "
            f"UID of its kube-system is {now}, of that one {before}",
            "what the state remembers would be changed and deleted in a cluster that has nothing to "
            "do with it",
            "name the context of the first cluster in protobox-cd:cluster.context (or KUBECONFIG); a further "
            "cluster is a further stack; if the cluster was built anew, make a new stack for it: "
            "pulumi stack rm --force, then pulumi stack init",
        )
    return now or before


def stack_identity(backend: str, organization: str, project: str, stack: str) -> str:
    """Return the identity of a stack, which no stack of another backend has: 12 hexadecimal digits.

    `backend` is the address that `components.cluster.backend.same_for_all` returns.
    """
    return sha256(f"{backend}\n{organization}\n{project}\n{stack}".encode()).hexdigest()[:12]
